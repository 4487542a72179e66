"""Synchronisations that are killed or run at the same time leave whole runs, each once."""

import signal
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.tracking.members import make_member
from tests.tracking.processes import made_runs, sync_made, sync_until_killed
from tests.tracking.runs import contents, everything, runs_in, whole
from toolkit.tracking import (
    Store,
    SyncSummary,
    open_store,
    sync,
)


def test_a_run_left_open_by_a_kill_is_made_again(store: Store, root: Path) -> None:
    run = everything(root)[0]
    sync(store, [run])
    (whole,) = runs_in(store)
    store.client.delete_run(whole.info.run_id)
    tags = {name: value for name, value in whole.data.tags.items()}
    half = store.client.create_run(whole.info.experiment_id, tags=tags)
    store.client.log_metric(half.info.run_id, "final/loss", 1.0)
    copied = Path(half.info.artifact_uri) / "member"
    copied.mkdir(parents=True)
    assert sync(store, [run]) == SyncSummary(created=1, kept=0, removed=1)
    (found,) = runs_in(store)
    assert contents(found) == contents(whole)
    assert not copied.exists()
    assert store.client.get_run(half.info.run_id).info.status == "KILLED"


def test_sync_removes_our_open_runs_and_no_others(store: Store, root: Path) -> None:
    sync(store, everything(root))
    experiment = runs_in(store)[0].info.experiment_id
    tags = {"record.schema": "member/1", "record.writer": store.writer}
    ours = store.client.create_run(experiment, tags=tags)
    theirs = store.client.create_run(experiment, tags={"record.digest": "another program's"})
    assert sync(store, []).removed == 1
    assert store.client.get_run(ours.info.run_id).info.lifecycle_stage == "deleted"
    assert store.client.get_run(theirs.info.run_id).info.status == "RUNNING"
    assert sync(store, []).removed == 0


@pytest.mark.slow
def test_two_processes_at_once_on_a_fresh_store_make_every_run_once(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    for seed in range(6):
        make_member(tmp_path / "made", seed=seed)
    said = processes.Queue()
    both = [processes.Process(target=sync_made, args=(tmp_path, said)) for _ in range(2)]
    for process in both:
        process.start()
    counts = sorted((said.get(timeout=120), said.get(timeout=120)))
    for process in both:
        process.join(timeout=60)
    assert [process.exitcode for process in both] == [0, 0]
    assert counts == [(0, 6), (6, 0)]
    assert whole(open_store(tmp_path), 6)


@pytest.mark.parametrize(
    ("method", "call", "moment"),
    [
        ("create_experiment", 1, "after"),
        ("create_run", 1, "after"),
        ("log_batch", 2, "before"),
        ("log_batch", 3, "after"),
        ("log_inputs", 1, "after"),
        ("set_terminated", 1, "before"),
        ("set_terminated", 4, "after"),
    ],
)
def test_a_kill_in_the_middle_leaves_nothing_that_the_next_sync_does_not_mend(
    root: Path, processes: ForkServerContext, method: str, call: int, moment: str
) -> None:
    for seed in range(4):
        make_member(root / "made", seed=seed)
    process = processes.Process(target=sync_until_killed, args=(root, method, call, moment))
    process.start()
    process.join(timeout=120)
    assert process.exitcode == -signal.SIGKILL
    store = open_store(root)
    done = 4 if (method, call, moment) == ("set_terminated", 4, "after") else 3
    assert sum(run.info.status == "FINISHED" for run in runs_in(store)) <= done
    sync(store, made_runs(root))
    assert whole(store, 4)
