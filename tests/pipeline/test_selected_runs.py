"""How a run enters a comparison: numbers as numbers, everything else as texts."""

from dataclasses import fields
from typing import Any

from tests.records.examples import MEMBER
from toolkit.objectives import OBJECTIVES, BetaTCVAE, Linear
from toolkit.pipeline.selected_runs import _compared
from toolkit.records import MemberRecord
from toolkit.tables import to_json
from toolkit.tracking import SelectedRun


def test_a_scheduled_weight_is_its_last_value_and_texts_are_options() -> None:
    objective = BetaTCVAE(beta=Linear(end=4.0, steps=9), estimator="mss")
    known: dict[str, Any] = {
        "ensemble": "one",
        "data": "tiny",
        "objective": "beta_tcvae",
        "key": "k",
        "run_id": "r",
        "seed": 3,
        "tags": {"record.digest": "d"},
        "name": "one beta=4 seed=3",
        "hyperparameters": {},
        "final": {},
        "probe": "p",
    }
    run = SelectedRun(**{each.name: known.get(each.name) for each in fields(SelectedRun)})
    settings = {**MEMBER["settings"], "objective": to_json(OBJECTIVES, objective)}
    record = MemberRecord.from_json({**MEMBER, "settings": settings}, source="x")
    made = _compared(run, record)
    assert made.hyperparameters == {"alpha": 1.0, "beta": 4.0, "gamma": 1.0}
    assert made.options == {
        "beta": '{"end":4.0,"schedule":"linear","start":0.0,"steps":9}',
        "estimator": "mss",
        "compat": "none",
    }
