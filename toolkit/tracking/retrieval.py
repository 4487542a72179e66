"""Bringing back what a run holds: a whole member into a folder, or one file."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.files import DRAFT, digest_of_file, digest_of_json, draft
from toolkit.tracking.projections import MEMBER, place_of
from toolkit.tracking.store import Store
from toolkit.tracking.writing import local_path

HOLDINGS = ("weights.safetensors", "posteriors.safetensors")
RECORD = "member/record.json"
KINDS = {
    "data": "a data set",
    "ensemble": "an ensemble",
    "trial": "a trial",
    "comparison": "a comparison",
}


def fetch(store: Store, run_id: str, destination: Path) -> Path:
    """Bring back a member: its record, weights and posteriors, or nothing at all.

    Arguments:
        store: where the run is.
        run_id: MLflow's name of it.
        destination: the folder to make; absent, empty, or holding this member already.

    Returns:
        `destination`.

    Raises:
        ToolkitError: there is no such run, it holds no finished member, a file of it is missing
            or damaged, or the folder holds something else.
    """
    with store.plainly():
        run = _run(store, run_id)
        _refuse_other_than_member(run)
        record = _record(store, run)
        wanted: dict[str, str | None] = {"record.json": None}
        wanted |= {name: record["files"][name] for name in HOLDINGS}
        if destination.exists() and any(destination.iterdir()):
            if _is_whole(destination, record, wanted):
                return destination
            raise ToolkitError(
                f"{destination} holds something else already. "
                "Name another folder, or delete that one."
            )
        with _folder(destination) as work:
            for name, digest in wanted.items():
                shutil.copyfile(_on_disk(store, run, f"member/{name}", digest), work / name)
    return destination


def artifact_path(store: Store, run_id: str, name: str) -> Path:
    """One file of a run on this disk, checked against the record where that names it.

    Files of a local store are not copied; others are kept below the project's `mlartifacts`.

    Arguments:
        store: where the run is.
        run_id: MLflow's name of it.
        name: path in the run, such as `member/posteriors.safetensors`.

    Raises:
        ToolkitError: there is no such run or file, or the file is damaged.
    """
    with store.plainly():
        run = _run(store, run_id)
        digest = None
        if run.data.tags.get("record.schema", "").startswith(MEMBER) and name != RECORD:
            files = _record(store, run)["files"]
            digest = {place_of(file): digest for file, digest in files.items()}.get(name)
        return _on_disk(store, run, name, digest)


def _run(store: Store, run_id: str) -> Any:  # noqa: ANN401 - MLflow's run
    from mlflow.exceptions import MlflowException

    try:
        return store.client.get_run(run_id)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        raise ToolkitError(
            f"the run store {store.uri} has no run {run_id!r}. Copy the run's ID from MLflow's "
            "page of it; after the store was rebuilt, runs have other IDs."
        ) from error


def _refuse_other_than_member(run: Any) -> None:  # noqa: ANN401 - MLflow's run
    tags, named = run.data.tags, f"run {run.info.run_id!r} ({run.info.run_name})"
    if not tags.get("record.schema", "").startswith(MEMBER):
        kind = KINDS.get(tags.get("kind", ""), "a run of another program")
        raise ToolkitError(
            f"{named} is no member but {kind}, so it has no weights to bring back. "
            "Choose a run whose tag `kind` is member."
        )
    if run.info.status == "FAILED":
        note = tags.get("mlflow.note.content", "It failed")
        raise ToolkitError(
            f"{named} is a member that failed, so there is nothing to bring back. {note}"
        )
    if run.info.status != "FINISHED":
        raise ToolkitError(
            f"{named} is not finished: it was left open by a process that was ended. "
            "Run `toolkit sync` to make it again."
        )


def _record(store: Store, run: Any) -> dict[str, Any]:  # noqa: ANN401 - MLflow's run
    path = _on_disk(store, run, RECORD, None)
    try:
        record = json.loads(path.read_bytes())
    except ValueError as error:
        raise _damaged(run, RECORD) from error
    if digest_of_json(record) != run.data.tags["record.digest"]:
        raise _damaged(run, RECORD)
    return dict(record)


def _on_disk(store: Store, run: Any, name: str, digest: str | None) -> Path:  # noqa: ANN401
    """The file where it lies, or a copy of it that is made once."""
    root = local_path(run.info.artifact_uri)
    path = (root or store.root / "mlartifacts" / "fetched" / run.info.run_id) / name
    if root is None and not path.exists():
        _download(store, run, name, path)
    if not path.is_file():
        raise _missing(run, name)
    if digest and digest_of_file(path) != digest:
        raise _damaged(run, name)
    return path


def _download(store: Store, run: Any, name: str, path: Path) -> None:  # noqa: ANN401
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory(prefix="toolkit-") as folder:
        try:
            found = store.client.download_artifacts(run.info.run_id, name, folder)
        except MlflowException as error:
            raise _missing(run, name) from error
        with draft(path) as work:
            shutil.copyfile(found, work)


def _missing(run: Any, name: str) -> ToolkitError:  # noqa: ANN401 - MLflow's run
    return ToolkitError(
        f"run {run.info.run_id!r} ({run.info.run_name}) has no file {name} at "
        f"{run.info.artifact_uri}. If it had one, delete the run and run `toolkit sync`."
    )


def _damaged(run: Any, name: str) -> ToolkitError:  # noqa: ANN401 - MLflow's run
    return ToolkitError(
        f"{name} of run {run.info.run_id!r} ({run.info.run_name}) is damaged: it is not what its "
        "record says. Delete the run and run `toolkit sync`."
    )


def _is_whole(folder: Path, record: dict[str, Any], wanted: dict[str, str | None]) -> bool:
    """Whether the folder holds exactly this member."""
    if {path.name for path in folder.iterdir()} != wanted.keys():
        return False
    try:
        same = digest_of_json(json.loads((folder / "record.json").read_bytes()))
    except ValueError:
        return False
    whole = all(
        digest is None or digest_of_file(folder / n) == digest for n, digest in wanted.items()
    )
    return whole and same == digest_of_json(record)


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` to fill; it takes the name `path` when the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=DRAFT, dir=path.parent))
    try:
        yield work
        for file in work.iterdir():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
        work.chmod(0o777 & ~_umask())
        work.replace(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
