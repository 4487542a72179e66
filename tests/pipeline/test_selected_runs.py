"""How a run enters a comparison: numbers as numbers, everything else as texts."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tracking.members import make_member
from toolkit.objectives import OBJECTIVES, BetaTCVAE, Linear
from toolkit.pipeline.selected_runs import _compared
from toolkit.tables import to_json
from toolkit.tracking import OddRunError, SelectedRun
from toolkit.tracking.stored import StoredRun


def a_run() -> StoredRun:
    return StoredRun(
        run_id="r",
        name="one beta=4 seed=3",
        status="FINISHED",
        start=0,
        experiment="1",
        artifacts="/runs/1/r/artifacts",
        tags={"record.digest": "d"},
        params={},
        metrics={},
    )


def test_a_scheduled_weight_is_its_last_value_and_texts_are_options(tmp_path: Path) -> None:
    objective = BetaTCVAE(beta=Linear(end=4.0, steps=9), estimator="mss")
    record, _ = make_member(tmp_path, ensemble="one", seed=3)
    settings = {**record.settings, "objective": to_json(OBJECTIVES, objective)}
    run = a_run()
    compared = _compared(SelectedRun(run=run, record=replace(record, settings=settings)))
    assert (compared.name, compared.run_id, compared.record) == ("one/beta=4 seed=3", "r", "d")
    assert compared.hyperparameters == {"alpha": 1.0, "beta": 4.0, "gamma": 1.0}
    assert compared.options == {
        "beta": '{"end":4.0,"schedule":"linear","start":0.0,"steps":9}',
        "estimator": "mss",
        "compat": "none",
    }


ODD: list[tuple[object, str]] = [
    (10**400, "int too large to convert to float"),
    ({"schedule": "linear", "end": 10**400, "steps": 9}, ""),
    ({"schedule": "linear", "end": 4.0, "steps": [1]}, ""),
    ({"schedule": ["linear"]}, "no schedule is called"),
    ({"schedule": "\x1b[2J"}, "no schedule is called"),
    ({"schedule": "linear", "\x1b[2J" * 100: 1}, "no setting of the schedule"),
]


@pytest.mark.parametrize(("odd", "reason"), ODD)
def test_an_odd_weight_is_a_reason(tmp_path: Path, odd: object, reason: str) -> None:
    record, _ = make_member(tmp_path, ensemble="one", seed=3)
    settings = {**record.settings, "objective": {"name": "beta_vae", "beta": odd}}
    with pytest.raises(OddRunError, match="its objective is not known here: ") as refused:
        _compared(SelectedRun(run=a_run(), record=replace(record, settings=settings)))
    assert reason in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 450
