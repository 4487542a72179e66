"""Artifacts of runs: where they lie, whose room they take, and what is never deleted."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tracking.members import make_member
from tests.tracking.runs import everything, runs_in
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, write_bytes
from toolkit.tracking import (
    Store,
    StoreError,
    SyncSummary,
    open_store,
    project_member,
    select,
    sync,
)
from toolkit.tracking.addresses import quoted
from toolkit.tracking.stored import StoredRun
from toolkit.tracking.writing import remove


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


def test_a_later_write_never_reaches_the_other_copy(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made")
    sync(store, [project_member(record, folder)])
    (run,) = runs_in(store)
    name = "weights.safetensors"
    logged = Path(run.info.artifact_uri) / "member" / name
    true = logged.read_bytes()
    assert (folder / name).stat().st_nlink == 1  # DVC would write a file with two names anew
    write_bytes(folder / name, b"other")
    assert logged.read_bytes() == true
    changed = replace(record, files={**record.files, name: digest_of_file(folder / name)})
    changed.write(folder)
    sync(store, [project_member(changed, folder)])
    assert logged.read_bytes() == b"other"


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
