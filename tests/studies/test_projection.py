"""Optuna's copy follows the record, whatever is done to it."""

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path

import optuna
import pytest

from tests.studies.examples import finish, outcome, settings
from toolkit.config.space import Parameters
from toolkit.records import Target, read_study
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
            None if t.values is None else [t.values["distortion"], t.values["agreement"]],
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
    assert study.metric_names == ["distortion", "agreement"]
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
