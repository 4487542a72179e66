"""How a run enters a comparison: numbers as numbers, everything else as texts."""

from dataclasses import replace
from pathlib import Path

from tests.tracking.members import make_member
from toolkit.objectives import OBJECTIVES, BetaTCVAE, Linear
from toolkit.pipeline.selected_runs import _compared
from toolkit.tables import to_json
from toolkit.tracking import SelectedRun
from toolkit.tracking.stored import StoredRun


def test_a_scheduled_weight_is_its_last_value_and_texts_are_options(tmp_path: Path) -> None:
    objective = BetaTCVAE(beta=Linear(end=4.0, steps=9), estimator="mss")
    record, _ = make_member(tmp_path, ensemble="one", seed=3)
    settings = {**record.settings, "objective": to_json(OBJECTIVES, objective)}
    run = StoredRun(
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
    compared = _compared(SelectedRun(run=run, record=replace(record, settings=settings)))
    assert (compared.name, compared.run_id, compared.record) == ("one/beta=4 seed=3", "r", "d")
    assert compared.hyperparameters == {"alpha": 1.0, "beta": 4.0, "gamma": 1.0}
    assert compared.options == {
        "beta": '{"end":4.0,"schedule":"linear","start":0.0,"steps":9}',
        "estimator": "mss",
        "compat": "none",
    }
