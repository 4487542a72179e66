"""The study's file: what it holds, what it refuses."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.studies.examples import members, outcome, settings
from toolkit.config.space import Parameters
from toolkit.errors import ToolkitError
from toolkit.records import ANSWERS, StudyRecord, read_study
from toolkit.studies.outcomes import (
    Evaluation,
    Outcome,
    finished,
    fresh_record,
    remove_drafts,
)

GIVEN = settings("tpe")
REMEDY = (
    "Bring it back with `dvc checkout`, or delete it and run `dvc repro`, which trains no member "
    "of it again."
)
ONE: Parameters = {"beta": 1.0, "capacity": 4, "network": "mlp"}
TWO: Parameters = {"beta": 8.0, "capacity": 8, "network": "burgess"}
FRESH = replace(fresh_record(GIVEN), waiting=(ONE, TWO))
MEMBERS = members(ONE)
REFERENCES = [member.to_json() for member in MEMBERS]


def after(*outcomes: Outcome) -> StudyRecord:
    record = FRESH
    for given in outcomes:
        record = finished(record, given)
    return record


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    record = after(outcome(ONE))
    record.write(tmp_path)
    assert read_study(tmp_path) == record
    record = finished(record, outcome(TWO))
    record.write(tmp_path)
    assert read_study(tmp_path) == record
    assert [trial.complete for trial in record.trials] == [True, False]
    assert record.waiting == ()


def test_the_file_says_what_was_asked_and_what_came_out(tmp_path: Path) -> None:
    values = {"corrected_agreement": 0.5, "distortion": 90.0}
    after(Evaluation(values=values, members=MEMBERS)).write(tmp_path)
    assert json.loads((tmp_path / "study.json").read_text()) == {
        "schema": "study/2",
        "answers": ANSWERS,
        "name": "sweep",
        "space": {
            "beta": {"high": 8.0, "log": True, "low": 0.5, "step": None},
            "capacity": {"high": 12, "log": False, "low": 4, "step": 4},
            "network": {"choices": ["burgess", "mlp"]},
        },
        "sampler": {"name": "tpe", "seed": 11, "batch": 5},
        "evaluation": "0123",
        "objectives": [
            {"name": "distortion", "direction": "minimise"},
            {"name": "corrected_agreement", "direction": "maximise"},
        ],
        "settings": GIVEN.digest,
        "trials": [
            {
                "number": 0,
                "state": "complete",
                "parameters": ONE,
                "values": values,
                "members": REFERENCES,
                "reason": None,
            }
        ],
        "waiting": [TWO],
        "digest": read_study(tmp_path).digest,
    }


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"distortion": math.nan, "corrected_agreement": 0.5}, "distortion is nan"),
        (
            {"distortion": math.inf, "corrected_agreement": math.nan},
            "distortion is inf; corrected_agreement is nan",
        ),
    ],
)
def test_values_that_are_no_numbers_make_a_failed_trial(
    values: dict[str, float], reason: str
) -> None:
    (trial,) = after(Evaluation(values=values, members=MEMBERS)).trials
    assert (trial.values, trial.reason, trial.members) == (None, reason, MEMBERS)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            Evaluation(values={"distortion": 1.0}),
            "trial 0 returned distortion; the study asks for distortion, corrected_agreement. "
            "Return one number for each.",
        ),
        (
            Evaluation(values={}),
            "trial 0 returned nothing; the study asks for distortion, corrected_agreement. "
            "Return one number for each.",
        ),
    ],
)
def test_an_outcome_that_no_record_can_hold_is_refused(given: Outcome, sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        after(given)
    assert str(caught.value) == sentence


def test_a_record_without_a_part_is_called_damaged(tmp_path: Path) -> None:
    after(outcome(ONE)).write(tmp_path)
    path = tmp_path / "study.json"
    content = json.loads(path.read_text())
    del content["trials"][0]["members"]
    path.write_text(json.dumps(content))
    with pytest.raises(ToolkitError) as caught:
        read_study(tmp_path)
    assert str(caught.value) == (f"{path} is damaged: it lacks `trials[0].members`. {REMEDY}")


@pytest.mark.parametrize(("key", "value"), [("name", "other"), ("settings", "abc")])
def test_changed_settings_are_noticed_without_a_digest(
    tmp_path: Path, key: str, value: str
) -> None:
    """As records had none that were written before they stated it."""
    after(outcome(ONE)).write(tmp_path)
    path = tmp_path / "study.json"
    content = {**json.loads(path.read_text()), key: value}
    del content["digest"]
    path.write_text(json.dumps(content))
    with pytest.raises(ToolkitError) as caught:
        read_study(tmp_path)
    assert str(caught.value) == (
        f"{path} was changed after it was written: its settings do not match their digest. {REMEDY}"
    )


def test_only_drafts_of_the_record_are_removed(tmp_path: Path) -> None:
    for name in (".study.json.abc.draft", ".other.json.abc.draft", "study.json"):
        (tmp_path / name).write_text("{")
    remove_drafts(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".other.json.abc.draft",
        "study.json",
    ]
