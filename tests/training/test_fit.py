import math
from typing import Any

import pytest
import torch

from tests.training.examples import (
    OBJECTIVES,
    differing,
    halves,
    numbers,
    run,
    settings,
    train,
)
from toolkit.errors import ToolkitError
from toolkit.execution import Done, Execute, processes, serial
from toolkit.objectives import BetaVAE
from toolkit.training import DivergedError, MemberSettings, StepReport, evaluate, fit


def company() -> list[MemberSettings]:
    return [settings(name, seed=seed) for seed, name in enumerate(OBJECTIVES)]


def ends(execute: Execute, members: list[MemberSettings]) -> dict[int, Any]:
    events = execute(train, members)
    return {position: event.value for position, event in events if isinstance(event, Done)}


@pytest.fixture(scope="module")
def alone() -> list[Any]:
    """Each member trained alone in this process."""
    return [ends(serial, [member])[0] for member in company()]


@pytest.mark.parametrize(
    "execute",
    [
        pytest.param(serial, id="one after the other"),
        pytest.param(processes(1), id="in one worker process", marks=pytest.mark.slow),
        pytest.param(processes(2), id="in two worker processes"),
    ],
)
def test_a_member_does_not_depend_on_its_company(execute: Execute, alone: list[Any]) -> None:
    together = ends(execute, company()[::-1])
    for member, parts in enumerate(alone):
        assert differing(parts, together[len(alone) - 1 - member]) == []


def test_members_of_other_seeds_are_other_members(alone: list[Any]) -> None:
    other = ends(serial, [settings("annealed_vae", seed=5)])[0]
    changed = set(differing(alone[0], other))
    assert changed == set(other) - {"curve.step", "curve.capacity"}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_training_leaves_the_global_stream_alone(objective: str) -> None:
    before = torch.get_rng_state()
    run(fit(settings(objective, steps=2), halves()))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_moment_an_update_and_no_more() -> None:
    chosen = settings(steps=3)
    moments = list(fit(chosen, halves()))
    assert [(moment.step, moment.steps) for moment in moments] == [(1, 3), (2, 3), (3, 3)]
    curve = run(fit(chosen, halves())).curve
    assert curve["step"].tolist() == [1, 2, 3]
    assert curve["loss"].tolist() == pytest.approx([moment.loss for moment in moments], rel=1e-6)
    assert all(isinstance(moment, StepReport) and math.isfinite(moment.loss) for moment in moments)


@pytest.mark.parametrize(
    "objective",
    [
        name if name == "beta_vae" else pytest.param(name, marks=pytest.mark.slow)
        for name in OBJECTIVES
    ],
)
def test_every_objective_learns(objective: str) -> None:
    chosen = settings(objective, steps=100, batch_size=8)
    fitted = run(fit(chosen, halves()))
    assert fitted.curve["loss"].iloc[-10:].mean() < 0.8 * fitted.curve["loss"].iloc[:3].mean()
    shown = halves().double() / 255
    mean_image = shown.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    ignorant = -(shown * mean_image.log() + (1 - shown) * (1 - mean_image).log())
    found = evaluate(fitted, chosen, halves()).terms
    assert found["distortion"] < 0.8 * ignorant.sum(dim=(1, 2, 3)).mean().item()
    assert found["rate"] > 0.1


def test_a_member_that_diverges_says_when_and_what_to_do() -> None:
    reached = []
    with pytest.raises(DivergedError) as caught:
        reached.extend(fit(settings(learning_rate=1e6), halves()))
    step = len(reached) + 1
    assert caught.value.step == step > 1
    assert str(caught.value) in {
        f"the loss became {loss} at step {step}. Lower `learning_rate`." for loss in ("nan", "inf")
    }


@pytest.mark.parametrize(
    ("images", "shape"),
    [
        (torch.zeros(0, 1, 32, 32, dtype=torch.uint8), "(0, 1, 32, 32)"),
        (torch.zeros(4, 1, 64, 64, dtype=torch.uint8), "(4, 1, 64, 64)"),
    ],
)
def test_images_that_the_settings_do_not_mean_are_refused(images: torch.Tensor, shape: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        next(fit(settings(), images))
    assert str(caught.value) == (
        f"training images are {shape} but the settings say (n, 1, 32, 32) with n of at least 1. "
        "Give the images that the settings were made for."
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_p24_one_image_an_update_and_uneven_ends_of_epochs_are_fine(objective: str) -> None:
    for size in (1, 7):
        fitted = run(fit(settings(objective, batch_size=size, steps=2), halves()[:9]))
        assert fitted.curve["loss"].map(math.isfinite).all()


def test_p08_the_first_update_has_the_full_weight() -> None:
    first = {
        beta: next(fit(settings(objective=BetaVAE(beta=beta), steps=1), halves())).loss
        for beta in (0.0, 1.0, 100.0)
    }
    rate = first[1.0] - first[0.0]
    assert rate > 0
    assert first[100.0] - first[0.0] == pytest.approx(100 * rate, rel=1e-3)


def test_a_training_in_double_precision_is_double_throughout() -> None:
    fitted = run(fit(settings("factor_vae", precision="float64", steps=2), halves()))
    assert fitted.adversary is not None
    kinds = {value.dtype for value in [*fitted.model.parameters(), *fitted.adversary.parameters()]}
    assert kinds == {torch.float64}
    assert not fitted.model.training
    assert numbers(fitted)["curve.loss"].dtype == "float64"
