"""Writing one run into the store, and taking one away."""

import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file
from toolkit.tracking.mlflow_import import library
from toolkit.tracking.records import TrackedRun, table_text
from toolkit.tracking.store import Store

METRICS_A_BATCH = 1000  # MLflow's limits
PARAMS_A_BATCH = 100


def create(store: Store, experiment: str, run: TrackedRun, *, source: Mapping[str, str]) -> None:
    """Log `run`; it is closed only when everything is in it.

    Arguments:
        store: where to.
        experiment: MLflow's number of it.
        run: what to log.
        source: tags about who logs, and from which commit.
    """
    for place, expected in run.checksums.items():
        if place in run.files and digest_of_file(run.files[place]) != expected:
            raise ToolkitError(
                f"{run.kind} {run.name!r} cannot be logged: {run.files[place]} is not the file its "
                "record was written for. Run `dvc repro` to make both again."
            )
    # asked for directly: the client would read the whole run again to learn where its files go
    registry = library("mlflow.store.artifact.artifact_repository_registry")
    made = store.client.create_run(
        experiment, run_name=run.name, tags={**run.tags, **source, **_own_tags(store, run)}
    )
    run_id = made.info.run_id
    _log_files(
        run, registry.get_artifact_repository(made.info.artifact_uri, tracking_uri=store.uri)
    )
    _log_numbers(store, run_id, run)
    _log_data(store, run_id, run)
    store.client.set_terminated(run_id, status=run.status)


def remove(store: Store, run: Any) -> None:  # noqa: ANN401 - MLflow's run
    """Take a run away; one that was left open by a kill loses its half-copied files too."""
    if run.info.status == "RUNNING":
        store.client.set_terminated(run.info.run_id, status="KILLED")
        place = local_path(run.info.artifact_uri)
        if place and store.artifacts and place.is_relative_to(store.artifacts):
            shutil.rmtree(place.parent, ignore_errors=True)
    store.client.delete_run(run.info.run_id)


def local_path(uri: str) -> Path | None:
    """The folder that an artifact address means, where it is one of this machine.

    >>> local_path("file:///tmp/a%20b"), local_path("s3://bucket/a")
    (PosixPath('/tmp/a b'), None)
    """
    parts = urlparse(uri)
    return Path(unquote(parts.path)) if parts.scheme in ("", "file") else None


def _own_tags(store: Store, run: TrackedRun) -> dict[str, str]:
    tables = [{"path": place, "type": "table"} for place in sorted(run.tables)]
    listed = {"mlflow.loggedArtifacts": json.dumps(tables)} if tables else {}
    return listed | {
        "record.digest": run.digest,
        "record.identity": run.identity,
        "record.writer": store.writer,
    }


def _log_files(run: TrackedRun, repository: Any) -> None:  # noqa: ANN401 - MLflow's
    """All files in one call, gathered as links so that nothing is copied twice."""
    with tempfile.TemporaryDirectory(prefix="toolkit-") as name:
        stage = Path(name)
        for place, source in run.files.items():
            (stage / place).parent.mkdir(parents=True, exist_ok=True)
            (stage / place).symlink_to(source.resolve())
        tables = {place: table_text(columns) for place, columns in run.tables.items()}
        for place, text in {**run.texts, **tables}.items():
            (stage / place).parent.mkdir(parents=True, exist_ok=True)
            (stage / place).write_text(text)
        repository.log_artifacts(name)


def _log_numbers(store: Store, run_id: str, run: TrackedRun) -> None:
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    metrics = [Metric(name, value, now, 0) for name, value in run.metrics.items()]
    for name, points in run.histories.items():
        metrics += [Metric(name, value, now, step) for step, value in points]
    params = [Param(name, value) for name, value in run.params.items()]
    while metrics or params:
        store.client.log_batch(run_id, metrics[:METRICS_A_BATCH], params[:PARAMS_A_BATCH])
        del metrics[:METRICS_A_BATCH], params[:PARAMS_A_BATCH]


def _log_data(store: Store, run_id: str, run: TrackedRun) -> None:
    if run.dataset is None:
        return
    from mlflow.entities import Dataset, DatasetInput, InputTag

    name, digest = run.dataset
    data = Dataset(name, digest[:32], "local", json.dumps({"name": name, "sha256": digest}))
    store.client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "all")])])
