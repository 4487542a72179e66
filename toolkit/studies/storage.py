"""Where Optuna keeps its copy of the studies: a journal file, or any database by its URL."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from toolkit.errors import ToolkitError

PATIENCE = 5  # seconds after which a lock left behind by a killed process is taken over


def is_url(location: str | Path) -> bool:
    """Whether a location names a database rather than a file.

    >>> is_url("sqlite:///studies.db"), is_url(".studies/journal.log")
    (True, False)
    """
    return "://" in str(location)


def open_storage(location: str | Path) -> BaseStorage:
    """The storage at a path (a journal file, made if absent) or at a database URL.

    Raises a ToolkitError when it cannot be opened or made.
    """
    with reachable(location):
        if is_url(location):
            return RDBStorage(str(location))
        path = Path(location).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        _drop_damaged(path)
        lock = JournalFileOpenLock(str(path), grace_period=PATIENCE)
        return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


def _drop_damaged(path: Path) -> None:
    """Delete a journal that cannot be read; studies are rebuilt from their records.

    A file without a last line feed was cut by a full disk or a kill: the next line would be glued
    to the cut one.
    """
    if not path.exists():
        return
    content = path.read_bytes()
    try:
        if content and not content.endswith(b"\n"):
            raise ValueError("cut")
        for line in content.splitlines():
            json.loads(line)
        JournalStorage(JournalFileBackend(str(path)))
    except (ValueError, KeyError, TypeError):
        path.unlink()


@contextmanager
def reachable(location: str | Path) -> Iterator[None]:
    """Turn what a storage raises when it cannot be used into a sentence, without its password."""
    try:
        yield
    except (ImportError, OSError, SQLAlchemyError, StorageInternalError) as error:
        first = str(error).strip().splitlines()[0]
        raise ToolkitError(
            f"the study storage {_shown(location)} cannot be used ({first}). Check the address and "
            "your permission, or remove it to use the journal file."
        ) from error


def _shown(location: str | Path) -> str:
    if not is_url(location):
        return str(location)
    try:
        return make_url(str(location)).render_as_string(hide_password=True)
    except ArgumentError:
        return str(location).partition("://")[0] + "://…"


def dashboard_command(storage: str | Path, *, port: int = 8080) -> list[str]:
    """The dashboard on the loopback address, seen by nobody beyond this machine.

    >>> dashboard_command("sqlite:///studies.db")[1:]
    ['sqlite:///studies.db', '--host', '127.0.0.1', '--port', '8080']
    """
    program = Path(sys.executable).with_name("optuna-dashboard")
    return [str(program), str(storage), "--host", "127.0.0.1", "--port", str(port)]
