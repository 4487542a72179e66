"""Every record one run, however often, from however many processes, and whatever is killed."""

import json
import shutil
import signal
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.members import make_ensemble, make_member, make_trial
from tests.tracking.processes import made_runs, sync_made, sync_until_killed
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, write_bytes
from toolkit.tracking import (
    Store,
    StoreError,
    SyncSummary,
    TrackedRun,
    artifact_path,
    open_store,
    project_ensemble,
    project_member,
    project_trial,
    select,
    sync,
)
from toolkit.tracking.addresses import quoted
from toolkit.tracking.stored import StoredRun
from toolkit.tracking.writing import remove


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
    assert tags["record.digest"] == record.digest
    expected = {"kind": "member", "ensemble": "sprites-beta", "dataset": "sprites"}
    expected |= {"objective": "beta_vae", "key": record.key, "dvc_data_md5": "0" * 32}
    expected |= {"probe.digest": record.probe.digest, "mlflow.source.name": "toolkit sync"}
    assert expected.items() <= tags.items()
    assert not {"study", "trial"} & tags.keys()
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("sprites", record.data_digest[:32])


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


def test_files_that_are_gone_come_back(store: Store, root: Path) -> None:
    runs = everything(root)
    sync(store, runs)
    shutil.rmtree(root / "mlartifacts")
    summary = sync(store, runs)
    assert (summary.created, summary.updated, summary.kept) == (0, 6, 0)
    assert summary.changes[0] == "sprites-beta beta=1 seed=0: its files were missing and are back"
    assert sync(store, runs) == SyncSummary(created=0, kept=6, removed=0)
    assert len(select(store, "").runs) == 4


class NoCredentialsError(Exception):
    """As botocore's, which is no error of MLflow."""

    __module__ = "botocore.exceptions"


class Elsewhere:
    """Files that are kept where a client has to ask for them."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.names: list[str] = []

    def log_artifacts(self, folder: str) -> None:
        if self.error:
            raise self.error
        self.names += [p.name for p in Path(folder).rglob("*") if p.is_file()]


def test_missing_credentials_are_told_and_leave_no_open_run(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = project_member(*make_member(root / "made"))
    monkeypatch.setenv("MLFLOW_DEFAULT_ARTIFACT_ROOT", "s3://bucket/runs")
    store = open_store(root)
    kept = Elsewhere(NoCredentialsError("Unable to locate credentials"))
    registry = "mlflow.store.artifact.artifact_repository_registry.get_artifact_repository"
    monkeypatch.setattr(registry, lambda *_, **__: kept)
    with pytest.raises(StoreError) as refused:
        sync(store, [run])
    assert str(refused.value) == (
        f"the files of the run store {store.uri} cannot be reached (Unable to locate "
        "credentials). Give the name and the secret of the file store where its client looks for "
        "them, for S3 as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    )
    assert runs_in(store) == []
    kept.error = None
    assert sync(store, [run]).created == 1
    assert sorted(kept.names) == sorted(Path(name).name for name in (*run.files, *run.tables))


def bytes_on_disk(*folders: Path) -> int:
    """Of all files, those that several names share once."""
    found = [path.stat() for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sum({status.st_ino: status.st_size for status in found}.values())


def test_twenty_members_do_not_take_their_room_twice(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.tracking.writing.SHARED", 4000)  # less than these weights have
    made = [make_member(root / "made", seed=seed) for seed in range(20)]
    alone = bytes_on_disk(root / "made")
    sync(store, [project_member(*member) for member in made])
    assert len(runs_in(store)) == 20
    added = bytes_on_disk(root / "made", root / "mlartifacts") - alone
    assert added < 0.25 * bytes_on_disk(root / "mlartifacts")
    assert not any(path.name.endswith(".draft") for path in root.rglob("*"))


@pytest.mark.parametrize("one_file_system", [True, False])
def test_a_later_write_never_reaches_the_other_name(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch, *, one_file_system: bool
) -> None:
    monkeypatch.setattr("toolkit.tracking.writing.SHARED", 1)

    def no_link(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    if not one_file_system:
        monkeypatch.setattr("os.link", no_link)
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder)])
    (run,) = runs_in(store)
    here, there = folder, Path(run.info.artifact_uri) / "member"
    name = "weights.safetensors"
    assert ((here / name).stat().st_ino == (there / name).stat().st_ino) == one_file_system
    assert (here / "record.json").stat().st_ino != (there / "record.json").stat().st_ino
    true = (here / name).read_bytes()
    write_bytes(here / name, b"other")
    assert (there / name).read_bytes() == true
    # And the other way round
    changed = replace(record, files={**record.files, name: digest_of_file(here / name)})
    changed.write(folder)
    sync(store, [project_member(changed, folder)])
    assert (there / name).read_bytes() == b"other"
    write_bytes(here / name, true)
    record.write(folder)
    sync(store, [project_member(record, folder)])
    assert (here / name).read_bytes() == (there / name).read_bytes() == true


@pytest.mark.parametrize(
    "address",
    [
        "{artifacts}/../neighbour/{run}/artifacts",
        "{artifacts}",
        "{artifacts}/sprites",
        "file://{artifacts}/../neighbour",
    ],
)
def test_no_folder_outside_a_runs_own_is_deleted(store: Store, root: Path, address: str) -> None:
    sync(store, everything(root))
    experiment = runs_in(store)[0].info.experiment_id
    tags = {"record.schema": "member/1", "record.writer": store.writer}
    made = store.client.create_run(experiment, tags=tags)
    neighbour = root / "neighbour" / made.info.run_id / "artifacts"
    neighbour.mkdir(parents=True)
    where = address.format(artifacts=store.artifacts, run=made.info.run_id)
    stored = replace(StoredRun.of(made), artifacts=where)
    remove(store, stored)
    assert neighbour.is_dir()
    assert sync(store, everything(root / "again")).kept == 6
    assert store.client.get_run(made.info.run_id).info.lifecycle_stage == "deleted"


@pytest.mark.parametrize("name", ["../../outside", "/outside", "", "a b", "x/../../y", "\x1b[2J"])
def test_the_name_of_an_experiment_leads_nowhere_else(store: Store, root: Path, name: str) -> None:
    run = replace(project_member(*make_member(root / "made")), experiment=name)
    with pytest.raises(ToolkitError) as refused:
        sync(store, [run])
    assert str(refused.value) == (
        f"no experiment can be called {quoted(name)}. Use letters, digits, and _ - . after "
        "the first, 64 at most."
    )
    assert not (root / "mlartifacts").exists()


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
