"""Optuna's copy follows the record, whatever is done to it."""

import gc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from optuna_dashboard import get_note, save_note

from tests.studies.examples import finish, outcome, settings
from toolkit.config.space import Parameters
from toolkit.records import StudyRecord, Target, read_study
from toolkit.studies.outcomes import Outcome
from toolkit.studies.projection import project, rebuild
from toolkit.studies.run import run_study
from toolkit.studies.samplers import quiet
from toolkit.studies.settings import StudySettings
from toolkit.studies.storage import open_storage

GIVEN = settings("random", trials=7)


def shown(location: str | Path, given: StudySettings = GIVEN) -> list[optuna.trial.FrozenTrial]:
    study = optuna.load_study(study_name=given.storage_name, storage=open_storage(location))
    return study.trials


def agrees(folder: Path, location: str | Path) -> bool:
    """Whether Optuna has the record's trials, by number, parameters, state and values."""
    told = [
        (
            t.user_attrs["record"],
            t.params,
            t.values,
            t.state.name,
            t.user_attrs.get("reason"),
        )
        for t in shown(location)
        if "interrupted" not in t.user_attrs
    ]
    held = [
        (
            t.number,
            t.parameters,
            None if t.values is None else [t.values["distortion"], t.values["corrected_agreement"]],
            "COMPLETE" if t.complete else "FAIL",
            t.reason,
        )
        for t in read_study(folder / "study").trials
    ]
    return told == held


@pytest.mark.parametrize("place", ["journal.log", "sqlite:///{}/studies.db"])
def test_a_study_is_told_trial_by_trial_and_built_again_from_its_record(
    tmp_path: Path, place: str
) -> None:
    url = "://" in place
    location = place.format(tmp_path) if url else tmp_path / place
    finish(tmp_path, GIVEN, location)
    assert agrees(tmp_path, location)
    (tmp_path / ("studies.db" if url else place)).unlink()
    rebuild(tmp_path / "study", location)
    assert agrees(tmp_path, location)
    assert {trial.state.name for trial in shown(location)} == {"COMPLETE", "FAIL"}
    gc.collect()


def test_objectives_have_their_names_and_ways(tmp_path: Path) -> None:
    finish(tmp_path, GIVEN)
    storage = open_storage(tmp_path / "journal.log")
    study = optuna.load_study(study_name=GIVEN.storage_name, storage=storage)
    assert study.metric_names == ["distortion", "corrected_agreement"]
    assert [way.name for way in study.directions] == ["MINIMIZE", "MAXIMIZE"]


def test_a_copy_that_agrees_is_left_as_it_is(tmp_path: Path) -> None:
    finish(tmp_path, GIVEN)
    before = (tmp_path / "journal.log").read_bytes()
    project(GIVEN, read_study(tmp_path / "study"), tmp_path / "journal.log")
    after = (tmp_path / "journal.log").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") - before.count(b"\n") <= 1  # opening a study asks to create it


def test_trials_left_running_are_told_failed(tmp_path: Path) -> None:
    finish(tmp_path, GIVEN)
    record = read_study(tmp_path / "study")
    projection = project(GIVEN, record, tmp_path / "journal.log")
    projection.begin(record, record.waiting)
    assert [t.state.name for t in shown(tmp_path / "journal.log")[7:]] == ["RUNNING"] * 3
    project(GIVEN, record, tmp_path / "journal.log")
    assert [t.state.name for t in shown(tmp_path / "journal.log")[7:]] == ["FAIL"] * 3
    assert agrees(tmp_path, tmp_path / "journal.log")


def test_a_copy_that_differs_is_built_anew(tmp_path: Path) -> None:
    finish(tmp_path, GIVEN)
    other = settings("random", trials=4, seed=12)
    (tmp_path / "study" / "study.json").unlink()
    finish(tmp_path, other)
    assert agrees(tmp_path, tmp_path / "journal.log")
    assert len(shown(tmp_path / "journal.log")) == 4


def test_a_copy_with_other_objectives_is_built_anew(tmp_path: Path) -> None:
    goals = (Target(name="distortion", direction="minimise"),)
    one = settings("random", objectives=goals)
    with quiet():
        optuna.create_study(
            study_name=one.storage_name,
            storage=open_storage(tmp_path / "journal.log"),
            directions=["minimize"],
        )
    finish(tmp_path, GIVEN)
    assert agrees(tmp_path, tmp_path / "journal.log")


@pytest.mark.parametrize("at", [1, 5])
@pytest.mark.parametrize("what", ["journal", "study"])
def test_deleting_the_copy_on_the_way_costs_the_study_nothing(
    tmp_path: Path, what: str, at: int
) -> None:
    location = tmp_path / "journal.log"

    def evaluate(batch: Sequence[Parameters]) -> Iterator[Outcome]:
        yield from map(outcome, batch)

    steps = run_study(tmp_path / "study", settings=GIVEN, storage=location, evaluate=evaluate)
    for done, _ in enumerate(steps, start=1):
        if done == at and what == "journal":
            location.unlink()
        elif done == at:
            with quiet():
                optuna.delete_study(study_name=GIVEN.storage_name, storage=open_storage(location))
    assert len(read_study(tmp_path / "study").trials) == 7
    project(GIVEN, read_study(tmp_path / "study"), location)
    assert agrees(tmp_path, location)


def finish_with_additions(folder: Path, location: str | Path) -> StudyRecord:
    """A finished study to which people added what they can in Optuna and its dashboard."""
    finish(folder, GIVEN)
    record = read_study(folder / "study")
    *first, last = record.trials
    shorter = replace(record, trials=tuple(first))
    projection = project(GIVEN, shorter, location)
    projection.begin(shorter, [last.parameters])
    study = optuna.load_study(study_name=GIVEN.storage_name, storage=open_storage(location))
    study.enqueue_trial({"beta": 1.5, "capacity": 8}, user_attrs={"why": "the paper's"})
    study.set_user_attr("owner", "Ada")
    save_note(study, "A **sweep**.")
    storage = study._storage
    study_id = storage.get_study_id_from_name(study.study_name)
    (running,) = (trial for trial in study.trials if trial.state.name == "RUNNING")
    trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, running.number)
    storage.set_trial_user_attr(trial_id, "verdict", "keep")
    storage.set_study_system_attr(study_id, f"dashboard:{trial_id}:note_ver", 1)
    storage.set_study_system_attr(study_id, f"dashboard:{trial_id}:note_str:0", "odd")
    projection.finish(record)
    return record


def assert_all_is_there(location: str | Path) -> None:
    study = optuna.load_study(study_name=GIVEN.storage_name, storage=open_storage(location))
    (waiting,) = (trial for trial in study.trials if trial.state.name == "WAITING")
    assert waiting.system_attrs["fixed_params"] == {"beta": 1.5, "capacity": 8}
    assert waiting.user_attrs == {"why": "the paper's"}
    assert study.user_attrs == {"owner": "Ada"}
    assert get_note(study) == "A **sweep**."
    (noted,) = (trial for trial in study.trials if trial.user_attrs.get("record") == 6)
    assert noted.user_attrs["verdict"] == "keep"
    storage = study._storage
    study_id = storage.get_study_id_from_name(study.study_name)
    trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, noted.number)
    attributes = storage.get_study_system_attrs(study_id)
    assert attributes[f"dashboard:{trial_id}:note_str:0"] == "odd"


@pytest.mark.parametrize("change", ["none", "longer", "another trial", "objectives", "cut"])
@pytest.mark.parametrize("kind", ["journal", "database"])
def test_what_people_added_survives(tmp_path: Path, kind: str, change: str) -> None:
    """Start points, attributes and notes, whether the study is kept, extended or built anew."""
    journal, database = tmp_path / "journal.log", f"sqlite:///{tmp_path}/studies.db"
    location = journal if kind == "journal" else database
    record = finish_with_additions(tmp_path, location)
    if change == "none":
        rebuild(tmp_path / "study", location)
    elif change == "longer":
        finish(tmp_path, settings("random", trials=9), location)
        assert len(read_study(tmp_path / "study").trials) == 9
    elif change == "objectives":
        goals = (Target(name="corrected_agreement", direction="maximise"), *record.objectives[:1])
        project(settings("random", trials=7, objectives=goals), record, location)
    elif change == "cut" and kind == "journal":
        with journal.open("ab") as file:
            file.write(b'{"op_code": ')
        rebuild(tmp_path / "study", location)
    else:
        values = {"distortion": 1.0, "corrected_agreement": 0.5}
        other = replace(record.trials[0], state="complete", reason=None, values=values)
        project(GIVEN, replace(record, trials=(other, *record.trials[1:])), location)
    assert_all_is_there(location)
    gc.collect()


def test_an_attribute_of_another_trial_is_not_taken_over(tmp_path: Path) -> None:
    location = tmp_path / "journal.log"
    record = finish_with_additions(tmp_path, location)
    trials = (*record.trials[:6], replace(record.trials[3], number=6))
    project(GIVEN, replace(record, trials=trials), location)
    assert all("verdict" not in trial.user_attrs for trial in shown(location))
