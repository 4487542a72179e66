"""Every record is one run, however often it is synchronised and whatever changes in it."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.members import make_member
from tests.tracking.runs import contents, everything, runs_in
from toolkit.tracking import (
    Store,
    SyncSummary,
    artifact_path,
    open_store,
    project_member,
    sync,
)


def test_every_record_becomes_one_run_however_often(store: Store, root: Path) -> None:
    runs = everything(root)
    steps: list[tuple[int, int]] = []
    first = sync(store, runs, progress=lambda done, total: steps.append((done, total)))
    assert first == SyncSummary(created=6, kept=0, removed=0)
    assert steps == [(i, 6) for i in range(1, 7)]
    before = [run.info.run_id for run in runs_in(store)]
    assert sync(store, runs + runs) == SyncSummary(created=0, kept=6, removed=0)
    assert [run.info.run_id for run in runs_in(store)] == before
    assert len(before) == 6


def test_a_run_keeps_its_id_and_what_people_added_when_its_record_changes(
    store: Store, root: Path
) -> None:
    record, folder = make_member(root / "made")
    sync(
        store, [project_member(record, folder), project_member(*make_member(root / "made", seed=1))]
    )
    (before,) = (run for run in runs_in(store) if run.data.metrics["hp/seed"] == 0)
    run_id = before.info.run_id
    people = {"verdict": "keep", "mlflow.note.content": "the good one", "mlflow.runName": "Best"}
    for name, text in people.items():
        store.client.set_tag(run_id, name, text)
    scored = replace(
        record,
        scores={"dci/disentanglement": 0.5},
        final={"distortion": 90.0, "rate": 5.0, "loss": 109.0},
    )
    scored.write(folder)
    run = project_member(scored, folder)
    assert sync(store, [run]) == SyncSummary(
        created=0,
        kept=0,
        removed=0,
        updated=1,
        changes=(
            "sprites-beta beta=4 seed=0: scores/dci/disentanglement new, "
            "final/distortion, final/loss changed",
        ),
    )
    after = store.client.get_run(run_id)
    assert people.items() <= after.data.tags.items()
    assert after.data.tags["record.digest"] == run.digest
    assert after.data.metrics == before.data.metrics | dict(run.metrics)
    path = artifact_path(store, run_id, "member/record.json")
    assert path.read_bytes() == (folder / "record.json").read_bytes()
    assert len(runs_in(store)) == 2
    assert sync(store, [run]) == SyncSummary(created=0, kept=1, removed=0)


def test_a_failed_member_that_comes_to_a_result_keeps_its_run(store: Store, root: Path) -> None:
    failed, folder = make_member(root / "made", failed=True)
    sync(store, [project_member(failed, folder)])
    (before,) = runs_in(store)
    finished, folder = make_member(root / "again")
    assert sync(store, [project_member(finished, folder)]).updated == 1
    (after,) = runs_in(store)
    assert (after.info.run_id, after.info.status) == (before.info.run_id, "FINISHED")
    assert not {"failure.step", "mlflow.note.content"} & after.data.tags.keys()


@pytest.mark.parametrize("change", ["setting", "number gone", "curve"])
def test_what_mlflow_cannot_take_back_needs_a_new_run_with_the_same_tags(
    store: Store, root: Path, change: str
) -> None:
    first = project_member(*make_member(root / "made"))
    sync(store, [first])
    (before,) = runs_in(store)
    store.client.set_tag(before.info.run_id, "verdict", "keep")
    changes: dict[str, Any] = {
        "setting": {"params": {**first.params, "objective.beta": "5.0"}},
        "number gone": {"metrics": {"final/loss": 110.0}},
        "curve": {"histories": {**first.histories, "training/loss": [(0, 1.0), (45, 0.5)]}},
    }[change]
    summary = sync(store, [replace(first, digest="1" * 64, **changes)])
    (after,) = runs_in(store)
    assert (summary.created, summary.updated, summary.removed) == (1, 0, 1)
    assert summary.changes == (
        f"sprites-beta beta=4 seed=0: run {before.info.run_id} is now run {after.info.run_id}",
    )
    tags = after.data.tags
    assert (tags["verdict"], tags["record.replaces"]) == ("keep", before.info.run_id)
    assert tags["record.digest"] == "1" * 64


def test_a_rebuilt_store_holds_the_same_runs_and_numbers(
    store: Store, root: Path, empty_store: Path
) -> None:
    runs = everything(root)
    sync(store, runs)
    before = [contents(run) for run in runs_in(store)]
    store.client._tracking_client.store.engine.dispose()
    (root / "mlflow.db").unlink()
    shutil.copy(empty_store, root / "mlflow.db")
    again = open_store(root)
    sync(again, runs[::-1])
    assert [contents(run) for run in runs_in(again)] == before


def test_a_deleted_experiment_comes_back(store: Store, root: Path) -> None:
    runs = everything(root)
    sync(store, runs)
    store.client.delete_experiment(runs_in(store)[0].info.experiment_id)
    sync(store, runs)
    assert len(runs_in(store)) == 6
    assert {run.info.lifecycle_stage for run in runs_in(store)} == {"active"}
