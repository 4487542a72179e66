"""Bringing back what a run holds: a whole member into a folder, or one file."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.files import DRAFT, digest_of_file, draft
from toolkit.posteriors import Posteriors
from toolkit.records import MemberRecord, digest_of_record, read_object
from toolkit.tracking.addresses import printable, quoted, without_secrets
from toolkit.tracking.foreign import OddRunError, member_posteriors, member_record
from toolkit.tracking.projections import MEMBER, place_of
from toolkit.tracking.store import Store
from toolkit.tracking.stored import NOTE, StoredRun

HOLDINGS = ("weights.safetensors", "posteriors.safetensors")
RECORD = "member/record.json"
POSTERIORS = "member/posteriors.safetensors"
RUN_ID = re.compile(r"[\w-]{1,64}", re.ASCII)  # it becomes a folder of fetched files
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
    with store.translate_errors():
        run = _run(store, run_id)
        _refuse_other_than_member(run)
        record = _record(store, run)
        wanted: dict[str, str | None] = {"record.json": None}
        wanted |= {name: record.files.get(name) for name in HOLDINGS}
        if destination.exists() and any(destination.iterdir()):
            # The same member
            if {path.name for path in destination.iterdir()} == wanted.keys() and all(
                _check_of(run, f"member/{name}", digest)(destination / name)
                for name, digest in wanted.items()
            ):
                return destination
            raise ToolkitError(
                f"{destination} holds something else already. "
                "Name another folder, or delete that one."
            )
        with _folder(destination) as work:
            for name, digest in wanted.items():
                shutil.copyfile(file_of(store, run, f"member/{name}", digest), work / name)
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
    with store.translate_errors():
        run = _run(store, run_id)
        digest = None
        if _is_member(run) and name != RECORD:
            digest = _digests(_record(store, run)).get(name)
        return file_of(store, run, name, digest)


def answers_of_run(store: Store, run: StoredRun, record: MemberRecord) -> Posteriors:
    """What the member of a run answered to the probe images.

    Raises:
        OddRunError: the file is missing, damaged, or not in order.
        ToolkitError: the store refuses.
    """
    with store.translate_errors():
        try:
            path = file_of(store, run, POSTERIORS, _digests(record).get(POSTERIORS))
        except RunFileError as error:
            raise OddRunError(f"{POSTERIORS} is {error.what}") from error
        return member_posteriors(path, record)


class RunFileError(ToolkitError):
    """A file of a run cannot be had.

    Arguments:
        sentence: for people.
        what: the same in some words that follow "is".
    """

    def __init__(self, sentence: str, what: str) -> None:
        super().__init__(sentence)
        self.what = what


def file_of(
    store: Store, run: StoredRun, name: str, digest: str | None = None, *, checked: bool = True
) -> Path:
    """The file of a run where it lies, or a copy of it that is made once.

    Arguments:
        store: where the run is.
        run: as the store holds it.
        name: path in the run.
        digest: SHA-256 that it must have, or none. A record is checked against the run's own.
        checked: False for whoever checks the file while reading it; a copy is checked all the same.

    Raises:
        RunFileError: the run has no such file, it is out of reach, or it has another digest.
    """
    is_right = _check_of(run, name, digest)
    if run.folder is not None:
        path = run.folder / name
    else:
        if not RUN_ID.fullmatch(run.run_id):
            raise RunFileError(f"{quoted(run.run_id)} is no ID of a run.", "missing")
        path = store.root / "mlartifacts" / "fetched" / run.run_id / name
        if not path.exists() or not is_right(path):  # a run may have been updated since
            _download(store, run, name, path)
    try:
        is_there = path.is_file()
    except OSError:  # no name of a file
        is_there = False
    if not is_there:
        raise _missing(run, name)
    if checked and not is_right(path):
        what = "damaged: it is not what its record says"
        raise RunFileError(
            f"{name} of {_named(run)} is {what}. Delete the run and run `toolkit sync`.", what
        )
    return path


def _check_of(run: StoredRun, name: str, digest: str | None) -> Callable[[Path], bool]:
    def is_right(path: Path) -> bool:
        if name == RECORD and run.digest:
            try:
                return digest_of_record(read_object(path)) == run.digest
            except ToolkitError:
                return False
        return digest is None or digest_of_file(path) == digest

    return is_right


def _digests(record: MemberRecord) -> Mapping[str, str]:
    """SHA-256 of each file of a member, by its path in the run."""
    return {place_of(name): digest for name, digest in record.files.items()}


def _run(store: Store, run_id: str) -> StoredRun:
    from mlflow.exceptions import MlflowException

    try:
        return StoredRun.of(store.client.get_run(run_id))
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        raise ToolkitError(
            f"the run store {store.shown} has no run {quoted(run_id)}. Copy the run's ID from "
            "MLflow's page of it; after the store was rebuilt, runs have other IDs."
        ) from error


def _is_member(run: StoredRun) -> bool:
    return run.tags.get("record.schema", "").startswith(MEMBER)


def _refuse_other_than_member(run: StoredRun) -> None:
    if not _is_member(run):
        kind = KINDS.get(run.tags.get("kind", ""), "a run of another program")
        raise ToolkitError(
            f"{_named(run)} is no member but {kind}, so it has no weights to bring back. "
            "Choose a run whose tag `kind` is member."
        )
    if run.status == "FAILED":
        note = printable(run.tags.get(NOTE, "It failed"))
        raise ToolkitError(
            f"{_named(run)} is a member that failed, so there is nothing to bring back. {note}"
        )
    if run.status != "FINISHED":
        raise ToolkitError(
            f"{_named(run)} is not finished: it was left open by a process that was ended. "
            "Run `toolkit sync` to make it again."
        )


def _named(run: StoredRun) -> str:
    return f"run {run.run_id!r} ({printable(run.name)})"


def _record(store: Store, run: StoredRun) -> MemberRecord:
    try:
        return member_record(run, file_of(store, run, RECORD))
    except OddRunError as error:
        raise ToolkitError(f"{_named(run)} is not in order: {error}.") from error


def _download(store: Store, run: StoredRun, name: str, path: Path) -> None:
    """Copy a file of a run from wherever it is kept; the address is its writer's."""
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory(prefix="toolkit-") as folder:
        try:
            with store.translate_errors():
                try:
                    found = store.client.download_artifacts(run.run_id, name, folder)
                except MlflowException as error:
                    raise _missing(run, name) from error
        except RunFileError:
            raise
        except Exception as error:  # each kind of address has a client of its own
            reason = printable(error).rstrip(".") or type(error).__name__
            what = f"out of reach: {reason}"
            raise RunFileError(f"{name} of {_named(run)} is {what}.", what) from error
        with draft(path) as work:
            shutil.copyfile(found, work)


def _missing(run: StoredRun, name: str) -> RunFileError:
    return RunFileError(
        f"{_named(run)} has no file {name} at {printable(without_secrets(run.artifacts))}. "
        "If it had one, run `toolkit sync`, or delete the run if another project wrote it.",
        "missing",
    )


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
        mask = os.umask(0)  # it can be read only by setting it
        os.umask(mask)
        work.chmod(0o777 & ~mask)
        work.replace(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
