"""Every record one run, however often, from however many processes, and whatever is killed."""

import json
import shutil
import signal
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.members import make_ensemble, make_member, make_trial
from tests.tracking.processes import made_runs, sync_made, sync_until_killed
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json
from toolkit.tracking import (
    Store,
    SyncSummary,
    TrackedRun,
    clean,
    open_store,
    project_ensemble,
    project_member,
    project_trial,
    sync,
)


def everything(root: Path, *, members: int = 4) -> list[TrackedRun]:
    made = [make_member(root / "made", beta=1.0 + 3 * (i % 2), seed=i // 2) for i in range(members)]
    runs = [project_member(record, folder) for record, folder in made]
    return [
        *runs,
        project_ensemble(make_ensemble([r for r, _ in made]), Path()),
        project_trial(make_trial()),
    ]


def runs_in(store: Store) -> list[Any]:
    """All runs that are not deleted, by the digest of their record."""
    experiments = [e.experiment_id for e in store.client.search_experiments()]
    found = store.client.search_runs(experiments, max_results=1000)
    return sorted(found, key=lambda run: run.data.tags["record.digest"])


def contents(run: Any) -> tuple[Any, ...]:  # noqa: ANN401 - MLflow's run
    """All that a run says, without what differs from one making of it to the next."""
    return run.info.run_name, run.info.status, run.data.params, run.data.metrics, run.data.tags


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


def test_a_member_run_says_all_that_its_record_says(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made", beta=4.0, seed=1)
    sync(store, [project_member(record, folder, tags={"dvc_data_md5": "0" * 32})])
    (run,) = runs_in(store)
    assert (run.info.run_name, run.info.status) == ("sprites-beta beta=4 seed=1", "FINISHED")
    assert run.data.params["objective.beta"] == "4.0"
    assert run.data.params["network.name"] == "burgess"
    assert run.data.metrics == {
        "hp/batch_size": 32,
        "hp/beta": 4.0,
        "hp/latents": 4,
        "hp/learning_rate": 0.001,
        "hp/seed": 1,
        "hp/steps": 50,
        "final/distortion": 94.0,
        "final/rate": 5.0,
        "final/loss": 110.0,
        "information/channel/00": 2.5,
        "information/channel/01": 1.25,
        "information/channel/02": 0.5,
        "information/channel/03": 0.001,
        "information/total": 4.251,
        "information/active": 3,
        "training/loss": pytest.approx(100 / 46),
        "training/distortion": pytest.approx(100 / 46),
        "training/rate": 1.0,
    }
    history = store.client.get_metric_history(run.info.run_id, "training/loss")
    assert [point.step for point in history] == list(range(0, 50, 5))
    assert [point.value for point in history] == pytest.approx(
        [100 / (1 + s.step) for s in history]
    )
    tags = run.data.tags
    assert tags["record.digest"] == digest_of_json(record)
    expected = {"kind": "member", "ensemble": "sprites-beta", "dataset": "sprites"}
    expected |= {"objective": "beta_vae", "key": record["key"], "dvc_data_md5": "0" * 32}
    expected |= {"probe.digest": record["probe"]["digest"], "mlflow.source.name": "toolkit sync"}
    assert expected.items() <= tags.items()
    assert not {"study", "trial"} & tags.keys()
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("sprites", record["settings"]["data"][:32])


def test_files_lie_at_the_same_path_in_every_run(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder)])
    (run,) = runs_in(store)
    place = Path(run.info.artifact_uri)
    found = {p.relative_to(place).as_posix(): p for p in place.rglob("*") if p.is_file()}
    assert found.keys() == {
        "channels.json",
        "member/posteriors.safetensors",
        "member/record.json",
        "member/weights.safetensors",
        "reconstructions.png",
        "traversals.png",
    }
    assert not any(path.is_symlink() for path in found.values())
    weights = found["member/weights.safetensors"].read_bytes()
    assert weights == (folder / "weights.safetensors").read_bytes()
    assert json.loads(found["channels.json"].read_text())["columns"][0] == "channel"


def test_the_table_is_what_mlflow_itself_would_read(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)  # its reader asks the store of the session
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder)])
    (run,) = runs_in(store)
    table = store.client.load_table(run.info.experiment_id, "channels.json")
    assert list(table["information_bits"]) == [2.5, 1.25, 0.5, 0.001]
    assert list(table["rate_nats"]) == [3.0, 1.5, 0.75, 0.002]


def test_a_failed_member_is_a_failed_run_that_says_why(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made", failed=True)
    run = project_member(record, folder)
    assert sync(store, [run]).created == 1
    assert sync(store, [run]) == SyncSummary(created=0, kept=1, removed=0)
    (found,) = runs_in(store)
    assert found.info.status == "FAILED"
    assert found.data.tags["failure.step"] == "17"
    assert found.data.tags["mlflow.note.content"] == "Failed at step 17: the loss is not finite"
    assert "final/loss" not in found.data.metrics


def test_long_curves_are_logged_whole(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made")
    points = [(step, float(step)) for step in range(2500)]
    run = project_member(record, folder)
    parameters = {f"setting.{i}": str(i) for i in range(250)}
    changed = {**run.__dict__, "histories": {"training/loss": points}, "params": parameters}
    sync(store, [TrackedRun(**changed)])
    (found,) = runs_in(store)
    history = store.client.get_metric_history(found.info.run_id, "training/loss")
    assert [(point.step, point.value) for point in history] == points
    assert found.data.params == parameters


def test_a_new_record_about_the_same_member_replaces_the_older_run(
    store: Store, root: Path
) -> None:
    record, folder = make_member(root / "made")
    other, _ = make_member(root / "made", seed=1)
    sync(store, [project_member(record, folder), project_member(other, _)])
    changed = record | {"final": {"distortion": 90.0, "rate": 5.0, "loss": 109.0}}
    summary = sync(store, [project_member(changed, folder)])
    assert summary == SyncSummary(created=1, kept=0, removed=1)
    assert [r.data.metrics["final/loss"] for r in runs_in(store)].count(109.0) == 1
    assert len(runs_in(store)) == 2


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


def test_cleaning_takes_away_our_open_runs_and_no_others(store: Store, root: Path) -> None:
    sync(store, everything(root))
    experiment = runs_in(store)[0].info.experiment_id
    ours = store.client.create_run(experiment, tags={"record.schema": "member/1"})
    theirs = store.client.create_run(experiment, tags={"record.digest": "another program's"})
    assert clean(store) == 1
    assert store.client.get_run(ours.info.run_id).info.lifecycle_stage == "deleted"
    assert store.client.get_run(theirs.info.run_id).info.status == "RUNNING"
    assert clean(store) == 0


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


def test_a_file_changed_after_its_record_is_refused_before_a_run_is_made(
    store: Store, root: Path
) -> None:
    record, folder = make_member(root / "made")
    (folder / "weights.safetensors").write_bytes(b"other")
    with pytest.raises(ToolkitError) as refusal:
        sync(store, [project_member(record, folder)])
    assert str(refusal.value) == (
        f"member 'sprites-beta beta=4 seed=0' cannot be logged: {folder}/weights.safetensors is "
        "not the file its record was written for. Run `dvc repro` to make both again."
    )
    assert runs_in(store) == []


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


def whole(store: Store, count: int) -> bool:
    """Whether every run is there once, and closed."""
    found = runs_in(store)
    digests = {run.data.tags["record.digest"] for run in found}
    closed = all(run.info.status == "FINISHED" for run in found)
    return closed and len(found) == len(digests) == count
