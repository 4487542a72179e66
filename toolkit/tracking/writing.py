"""Writing one run into the store, bringing one up to date, and taking one away."""

import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, write_bytes, write_text
from toolkit.tracking.addresses import local_path
from toolkit.tracking.mlflow_import import library
from toolkit.tracking.records import Point, TrackedRun, table_text
from toolkit.tracking.store import Store
from toolkit.tracking.stored import NOTE, RUNNING, StoredRun, is_own_tag, table_list

METRICS_PER_BATCH = 1000  # MLflow's limits
PARAMS_PER_BATCH = 100
COMPARED = "compared/"  # numbers that comparisons add to the runs of members
UPDATED_KINDS = ("member", "ensemble", "trial")  # their settings stand in their identity


def create(store: Store, experiment: str, run: TrackedRun, *, tags: Mapping[str, str]) -> str:
    """Log `run`; it is closed only when everything is in it, and removed if it cannot be.

    Arguments:
        store: where to.
        experiment: MLflow's number of it.
        run: what to log.
        tags: more tags: who logs, from which commit, and what people added to an earlier run.

    Returns:
        MLflow's name of the run.

    Raises:
        ToolkitError: a file is not the one that its record was written for.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag

    _check_files(run)
    created = store.client.create_run(
        experiment,
        run_name=run.name,
        tags={
            **tags,
            **_tags(store, run),
            **({NOTE: tags[NOTE]} if NOTE in tags else {}),  # somebody's words stay
            "record.digest": run.digest,
        },
    )
    stored, whole = StoredRun.of(created), False
    try:
        log_files(store, stored, run)
        _log_numbers(store, stored.run_id, run.metrics, run.histories, run.params)
        if run.dataset is not None:
            name, digest = run.dataset
            source = json.dumps({"name": name, "sha256": digest})
            data = Dataset(name, digest[:32], "local", source)
            context = InputTag("mlflow.data.context", "all")
            store.client.log_inputs(stored.run_id, [DatasetInput(data, [context])])
        store.client.set_terminated(stored.run_id, status=run.status)
        whole = True
    finally:
        if not whole:
            with suppress(Exception):  # the error that stopped the logging is the one to tell
                remove(store, stored)
    return stored.run_id


def can_update(stored: StoredRun, run: TrackedRun) -> bool:
    """Whether a stored run can come to say what `run` says: MLflow takes away nothing.

    A setting that changed, a number that is gone and a curve that is another need a new run.
    """
    return (
        run.kind in UPDATED_KINDS
        and stored.params.items() <= run.params.items()
        and {name for name in stored.metrics if not name.startswith(COMPARED)}
        <= run.metrics.keys() | run.histories.keys()
        and all(
            name not in stored.metrics or (bool(points) and points[-1][1] == stored.metrics[name])
            for name, points in run.histories.items()
        )
    )


def update(store: Store, stored: StoredRun, run: TrackedRun, *, tags: Mapping[str, str]) -> None:
    """Make a stored run say what `run` says, under its own ID and with what people added.

    The digest comes last: a run that a kill left half updated is updated again.

    Raises:
        ToolkitError: a file is not the one that its record was written for.
    """
    from mlflow.entities import RunTag

    _check_files(run)
    log_files(store, stored, run)
    metrics = {n: value for n, value in run.metrics.items() if stored.metrics.get(n) != value}
    histories = {n: points for n, points in run.histories.items() if n not in stored.metrics}
    params = {n: value for n, value in run.params.items() if n not in stored.params}
    _log_numbers(store, stored.run_id, metrics, histories, params)
    wanted = {**tags, **_tags(store, run)}
    if NOTE in stored.added_tags:
        wanted.pop(NOTE, None)
    changed = {name: text for name, text in wanted.items() if stored.tags.get(name) != text}
    store.client.log_batch(stored.run_id, tags=[RunTag(*item) for item in changed.items()])
    kept = {*wanted, *stored.added_tags, "record.digest", "mlflow.runName"}
    for name in stored.tags.keys() - kept:
        if name == NOTE or (is_own_tag(name) and not name.startswith("mlflow.")):
            store.client.delete_tag(stored.run_id, name)
    if stored.status != run.status:
        store.client.set_terminated(stored.run_id, status=run.status)
    store.client.set_tag(stored.run_id, "record.digest", run.digest)


def remove(store: Store, stored: StoredRun) -> None:
    """Take a run away; one that was left open by a kill loses its half-copied files too."""
    if stored.status == RUNNING:
        store.client.set_terminated(stored.run_id, status="KILLED")
        folder, files = local_path(store.artifacts or ""), stored.folder
        if folder and files:
            run_folder = files.resolve().parent
            if run_folder.name == stored.run_id and folder.resolve() in run_folder.parents:
                shutil.rmtree(run_folder, ignore_errors=True)
    store.client.delete_run(stored.run_id)


def lacks_files(store: Store, stored: StoredRun, run: TrackedRun) -> bool:
    """Whether files of a run that this project wrote are gone from this machine's disk."""
    folder = stored.folder
    names = (*run.files, *run.texts, *run.tables)
    return (
        folder is not None
        and store.wrote(stored.tags)
        and not all((folder / name).is_file() for name in names)
    )


def log_files(store: Store, stored: StoredRun, run: TrackedRun) -> None:
    """Write all files of a run: where they lie on this machine, or in one call to what keeps them.

    They are copies: DVC replaces a file of its outputs that has a second name by a new one.
    """
    tables = {path: table_text(columns) for path, columns in run.tables.items()}
    texts = {**run.texts, **tables}
    if stored.folder is not None:
        for path, source in run.files.items():
            write_bytes(stored.folder / path, source.read_bytes())
        for path, text in texts.items():
            write_text(stored.folder / path, text)
        return
    # The client would read the whole run again to learn where its files go
    registry = library("mlflow.store.artifact.artifact_repository_registry")
    repository = registry.get_artifact_repository(stored.artifacts, tracking_uri=store.uri)
    with tempfile.TemporaryDirectory(prefix="toolkit-") as name:
        stage = Path(name)
        for path, source in run.files.items():  # links, so that nothing is copied twice
            (stage / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / path).symlink_to(source.resolve())
        for path, text in texts.items():
            write_text(stage / path, text)
        repository.log_artifacts(name)


def _check_files(run: TrackedRun) -> None:
    for path, expected in run.checksums.items():
        if path in run.files and digest_of_file(run.files[path]) != expected:
            raise ToolkitError(
                f"{run.kind} {run.name!r} cannot be logged: {run.files[path]} is not the file its "
                "record was written for. Run `dvc repro` to make both again."
            )


def _tags(store: Store, run: TrackedRun) -> dict[str, str]:
    """All that a run's tags say but its digest."""
    identity = {"record.identity": run.identity, "record.writer": store.writer}
    return {**run.tags, **table_list(run.tables), **identity}


def _log_numbers(
    store: Store,
    run_id: str,
    metrics: Mapping[str, float],
    histories: Mapping[str, Sequence[Point]],
    params: Mapping[str, str],
) -> None:
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    points = [Metric(name, value, now, 0) for name, value in metrics.items()]
    for name, history in histories.items():
        points += [Metric(name, value, now, step) for step, value in history]
    settings = [Param(name, value) for name, value in params.items()]
    while points or settings:
        store.client.log_batch(run_id, points[:METRICS_PER_BATCH], settings[:PARAMS_PER_BATCH])
        del points[:METRICS_PER_BATCH], settings[:PARAMS_PER_BATCH]
