"""A store that several projects write to: each minds its own runs, and doubles vanish."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.members import make_member
from toolkit.tracking import Store, SyncSummary, TrackedRun, project_member, sync
from toolkit.tracking.writing import create


@pytest.fixture
def ours(store: Store) -> Store:
    """The store as a server would be: no lock of ours holds other machines back."""
    return replace(store, database=None)


@pytest.fixture
def theirs(ours: Store, tmp_path: Path) -> Store:
    """The same store, seen from another project."""
    other = tmp_path / "other"
    other.mkdir()
    return replace(ours, root=other)


@pytest.fixture
def run(root: Path) -> TrackedRun:
    record, folder = make_member(root / "made")
    return project_member(record, folder)


def alive(store: Store) -> list[Any]:
    experiments = [e.experiment_id for e in store.client.search_experiments()]
    return list(store.client.search_runs(experiments, order_by=["attributes.start_time"]))


def test_what_another_project_is_writing_is_left_alone(
    ours: Store, theirs: Store, run: TrackedRun
) -> None:
    sync(ours, [run])
    experiment = alive(ours)[0].info.experiment_id
    tags = {"record.schema": "member/1", "record.writer": theirs.writer}
    open_run = ours.client.create_run(experiment, tags=tags).info.run_id
    assert sync(ours, []).removed == 0
    assert ours.client.get_run(open_run).info.status == "RUNNING"


def test_a_killed_run_of_our_own_is_taken_away_at_once(ours: Store, run: TrackedRun) -> None:
    sync(ours, [run])
    tags = {"record.schema": "member/1", "record.writer": ours.writer}
    ours.client.create_run(alive(ours)[0].info.experiment_id, tags=tags)
    assert sync(ours, [run]) == SyncSummary(created=0, kept=1, removed=1)
    assert len(alive(ours)) == 1


def test_a_run_that_another_project_logged_is_not_logged_again(
    ours: Store, theirs: Store, run: TrackedRun
) -> None:
    assert sync(theirs, [run]).created == 1
    assert sync(ours, [run]) == SyncSummary(created=0, kept=1, removed=0)


def test_a_newer_record_updates_our_run_and_not_theirs(
    ours: Store, theirs: Store, run: TrackedRun
) -> None:
    sync(theirs, [run])
    sync(ours, [replace(run, digest="1" * 64)])
    summary = sync(ours, [replace(run, digest="2" * 64)])
    assert (summary.created, summary.updated, summary.removed) == (0, 1, 0)
    assert {r.data.tags["record.digest"] for r in alive(ours)} == {run.digest, "2" * 64}


def test_two_projects_with_one_sqlite_file_keep_their_own_runs(
    store: Store, root: Path, tmp_path: Path
) -> None:
    """Both have a data set of the same name, prepared in different ways."""
    other = replace(store, root=tmp_path / "other")
    run = replace(project_member(*make_member(root / "made")), kind="data")
    theirs = replace(run, digest="3" * 64)
    assert (sync(store, [run]).created, sync(other, [theirs]).created) == (1, 1)
    for _ in range(2):
        assert sync(store, [run]) == SyncSummary(created=0, kept=1, removed=0)
        assert sync(other, [theirs]) == SyncSummary(created=0, kept=1, removed=0)
    assert len(alive(store)) == 2


def test_of_our_doubles_the_first_by_time_stays(ours: Store, run: TrackedRun) -> None:
    sync(ours, [run])
    (first,) = alive(ours)
    time.sleep(0.005)
    create(ours, first.info.experiment_id, run, tags={})
    assert len(alive(ours)) == 2
    assert sync(ours, [run]) == SyncSummary(created=0, kept=1, removed=1)
    assert [r.info.run_id for r in alive(ours)] == [first.info.run_id]


def test_a_double_that_another_project_wrote_is_left_alone(
    ours: Store, theirs: Store, run: TrackedRun
) -> None:
    sync(ours, [run])
    create(theirs, alive(ours)[0].info.experiment_id, run, tags={})
    assert sync(ours, [run]) == SyncSummary(created=0, kept=1, removed=0)
    assert sync(theirs, [run]) == SyncSummary(created=0, kept=1, removed=1)
    assert len(alive(ours)) == 1


def test_who_logs_from_which_commit_is_told_where_it_is_known(
    store: Store, run: TrackedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_STAGE", "ensemble@sprites-beta")
    monkeypatch.setattr("toolkit.tracking.upsert.getuser", lambda: "ada")
    monkeypatch.setattr("toolkit.tracking.upsert._commit", lambda _: "c" * 40)
    sync(store, [run])
    tags = alive(store)[0].data.tags
    assert tags["mlflow.source.git.commit"] == "c" * 40
    assert (tags["mlflow.user"], tags["dvc.stage"]) == ("ada", "ensemble@sprites-beta")


def test_without_git_and_without_a_user_name_runs_are_logged_all_the_same(
    store: Store, run: TrackedRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("toolkit.tracking.upsert.getuser", nameless)
    monkeypatch.setenv("PATH", str(tmp_path))
    sync(store, [run])
    tags = alive(store)[0].data.tags
    assert not {"mlflow.source.git.commit", "mlflow.user"} & tags.keys()
