import math
from dataclasses import replace
from typing import Any

import pytest

from tests.objectives import golden
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.objectives import (
    OBJECTIVES,
    SCHEDULES,
    BetaVAE,
    Constant,
    Cosine,
    Cyclic,
    Delayed,
    FactorVAE,
    Linear,
    Schedule,
    ramp,
    value_at,
)
from toolkit.objectives.schedules import Shape, highest, lowest, rise
from toolkit.tables import from_json, to_json
from toolkit.tracking.records import final_value

EXAMPLES: dict[str, Schedule] = {
    "constant": Constant(value=3.0),
    "cosine": Cosine(start=1.0, end=-2.0, period=7),
    "cyclic": Cyclic(start=0.5, end=4.0, period=9, shape="sigmoid", rising=0.7, repeats=2),
    "delayed": Delayed(start=0.1, end=2.0, delay=5, steps=3),
    "linear": Linear(start=9.0, end=4.0, steps=10),
}


@pytest.mark.parametrize(
    ("step", "value"),
    [
        pytest.param(0, 10.0, id="starts at its start"),
        pytest.param(1, 8.5, id="a quarter of the way"),
        pytest.param(3, 5.5, id="three quarters"),
        pytest.param(4, 4.0, id="arrives"),
        pytest.param(400, 4.0, id="stays"),
        pytest.param(None, 4.0, id="after training"),
    ],
)
def test_a_ramp_may_fall(step: int | None, value: float) -> None:
    assert ramp(10.0, 4.0, steps=4, step=step) == value
    assert Linear(start=10.0, end=4.0, steps=4).at(step) == value


@pytest.mark.parametrize("step", [0, 7, None])
def test_a_ramp_may_be_flat_or_have_no_length(step: int | None) -> None:
    assert ramp(3.0, 3.0, steps=5, step=step) == 3.0
    assert ramp(0.0, 9.0, steps=0, step=step) == 9.0


def test_every_schedule_has_an_example_here() -> None:
    assert list(EXAMPLES) == list(SCHEDULES)
    assert all(type(EXAMPLES[name]) is kind for name, kind in SCHEDULES.items())


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_stays_between_its_ends_and_tells_its_value_after_training(name: str) -> None:
    schedule = EXAMPLES[name]
    values = [schedule.at(step) for step in range(60)]
    assert lowest(schedule) - 1e-12 <= min(values) <= max(values) <= highest(schedule) + 1e-12
    start, end = schedule.ends
    assert schedule.at(None) == end
    assert values[0] == pytest.approx(start, abs=0.01)
    assert any(abs(value - end) < 0.2 for value in values)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_comes_back_from_its_record(name: str) -> None:
    record = to_json(SCHEDULES, EXAMPLES[name], tag="schedule")
    assert record["schedule"] == name
    assert from_json("schedule", SCHEDULES, record, tag="schedule") == EXAMPLES[name]
    assert final_value(record) == EXAMPLES[name].at(None)


def test_a_delay_is_a_clipped_ramp() -> None:
    """disent's `beta_delay` is a ramp between two steps."""
    schedule = Delayed(start=0.0, end=2.0, delay=3600, steps=3600)
    for step in (0, 3599, 3600, 4000, 7199, 7200, 90_000):
        by_hand = 2 * min(max((step - 3600) / 3600, 0), 1)
        assert schedule.at(step) == pytest.approx(by_hand)
    assert [Delayed(delay=2).at(step) for step in (0, 1, 2, 3)] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("shape", "by_hand"),
    [
        ("linear", lambda part: part),
        ("sigmoid", lambda part: 1 / (1 + math.exp(-12 * part + 6))),
        ("cosine", lambda part: 0.5 * (1 - math.cos(math.pi * part))),
    ],
)
def test_cycles_rise_as_in_the_source(shape: Shape, by_hand: Any) -> None:  # noqa: ANN401
    schedule = Cyclic(start=1.0, end=5.0, period=100, shape=shape, rising=0.4, repeats=3)
    for cycle in range(3):
        for step in range(100):
            part = step / 40
            found = schedule.at(100 * cycle + step)
            assert found == pytest.approx(1 + 4 * by_hand(part) if part < 1 else 5.0)
    assert schedule.at(300) == schedule.at(301) == schedule.at(None) == 5.0
    assert rise(0.25, shape) == pytest.approx(by_hand(0.25))


def test_a_wave_is_that_of_disent() -> None:
    schedule = Cosine(start=0.0, end=1.0, period=50)
    for step in range(120):
        by_hand = 0.5 * (1 + math.cos(2 * math.pi / 50 * step + math.pi))
        assert schedule.at(step) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_an_objective_resolves_the_schedule_of_a_weight(name: str) -> None:
    schedule = EXAMPLES[name]
    for step in (0, 3, 8, 1000, None):
        assert BetaVAE(beta=schedule).weights(step) == {"beta": schedule.at(step)}
        assert FactorVAE(gamma=schedule).weights(step) == {"gamma": schedule.at(step)}


def test_a_scheduled_weight_is_the_weight_of_that_step_in_the_loss() -> None:
    outputs = golden.outputs()
    scheduled = BetaVAE(beta=Linear(start=0.0, end=8.0, steps=4))
    for step, beta in ((0, 0.0), (1, 2.0), (4, 8.0), (None, 8.0)):
        ours = golden.terms(scheduled, outputs, step=step)["loss"]
        plain = golden.terms(BetaVAE(beta=beta), outputs, step=step)["loss"]
        assert ours.tolist() == plain.tolist()


def test_p08_the_annealing_of_disvae_is_a_schedule_that_is_asked_for() -> None:
    cases = [case for case in golden.values()["betaH"] if case["steps_anneal"]]
    assert any(case["is_train"] and case["step"] < case["steps_anneal"] for case in cases)
    for case in cases:
        beta = Linear(start=0.0, end=float(case["beta"]), steps=case["steps_anneal"])
        step = case["step"] if case["is_train"] else None
        loss = golden.terms(BetaVAE(beta=beta), golden.outputs(), step=step)["loss"].mean().item()
        assert loss == pytest.approx(case["loss"], **golden.TOLERANCE)


def test_a_number_is_its_own_schedule() -> None:
    assert value_at(2.5, 0) == value_at(2.5, None) == lowest(2.5) == highest(2.5) == 2.5


def test_a_schedule_that_does_not_exist_is_hinted_at() -> None:
    with pytest.raises(UnknownNameError) as caught:
        from_json("objective", OBJECTIVES, {"name": "beta_vae", "beta": {"schedule": "linaer"}})
    assert str(caught.value) == "no schedule is called 'linaer'. Did you mean 'linear'?"


def test_settings_that_do_not_fit_a_schedule_are_refused() -> None:
    beta = {"schedule": "linear", "steps": 3, "period": 3}
    with pytest.raises(ToolkitError) as caught:
        from_json("objective", OBJECTIVES, {"name": "beta_vae", "beta": beta})
    assert str(caught.value) == (
        "no setting of the schedule 'linear' is called 'period'. Known: end, start, steps."
    )


def test_schedules_of_equal_settings_are_equal_and_others_are_not() -> None:
    linear = EXAMPLES["linear"]
    assert linear == replace(linear)
    assert linear != Linear(start=9.0, end=4.0, steps=11)
