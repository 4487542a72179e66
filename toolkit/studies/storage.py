"""Where Optuna keeps its copy of the studies: a journal file, or any database by its URL."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from optuna.exceptions import OptunaError, StorageInternalError
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from toolkit.errors import ToolkitError
from toolkit.files import write_bytes

PATIENCE = 5  # seconds after which a lock left behind by a killed process is taken over
# What Optuna raises for entries that do not follow from one another
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OptunaError,
    RuntimeError,
    TypeError,
    ValueError,
)


def is_url(location: str | Path) -> bool:
    """Whether a location names a database rather than a file.

    >>> is_url("sqlite:///studies.db"), is_url(".studies/journal.log"), is_url(Path("a://b"))
    (True, False, False)
    """
    return isinstance(location, str) and "://" in location


def open_storage(location: str | Path) -> BaseStorage:
    """The storage at a path (a journal file, made if absent) or at a database URL.

    A journal that is damaged keeps what is whole; the rest is built again from the records.

    Raises a ToolkitError when it cannot be opened or made.
    """
    with reachable(location):
        if is_url(location):
            return _database(str(location))
        path = Path(location).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = JournalFileOpenLock(str(path), grace_period=PATIENCE)
        if path.exists():
            lock.acquire()
            try:
                _cut_damage_off(path)
            finally:
                lock.release()
        return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


def _database(url: str) -> BaseStorage:
    try:
        return RDBStorage(url.replace("{", "{{").replace("}", "}}"))  # Optuna fills braces in
    except (RuntimeError, ValueError) as error:  # tables of another version, no address
        raise StorageInternalError(str(error) or type(error).__name__) from error


def _cut_damage_off(path: Path) -> None:
    """Keep the entries of a journal before the first that is none, and say so.

    A file without a last line feed was cut by a full disk or a kill: the next line would be glued
    to the cut one.
    """
    content = path.read_bytes()
    whole = b""
    *lines, _ = content.split(b"\n")
    for line in lines:
        try:
            is_entry = isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            is_entry = False
        if not is_entry:
            break
        whole += line + b"\n"
    if whole != content:
        write_bytes(path, whole)
    try:
        JournalStorage(JournalFileBackend(str(path)))
    except UNREADABLE:
        whole = b""
        write_bytes(path, whole)
    if whole != content:
        kept = "what is whole of it is kept" if whole else "nothing of it can be read"
        sys.stderr.write(
            f"warning: {path} is damaged, and {kept}: studies are shown again from their records\n"
        )


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
    with suppress(ArgumentError, ValueError):
        return make_url(str(location)).render_as_string(hide_password=True)
    return str(location).partition("://")[0] + "://…"


def dashboard_command(storage: str | Path, *, port: int = 8080) -> list[str]:
    """The dashboard on the loopback address, seen by nobody beyond this machine.

    It is told what the storage is, which it would guess from the name otherwise.

    >>> dashboard_command("sqlite:///studies.db")[1:4]
    ['sqlite:///studies.db', '--storage-class', 'RDBStorage']
    >>> dashboard_command(Path("/redis/journal.log"))[1:]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['/redis/journal.log', '--storage-class', 'JournalFileStorage', '--host', '127.0.0.1',
     '--port', '8080']
    """
    program = Path(sys.executable).with_name("optuna-dashboard")
    kind = "RDBStorage" if is_url(storage) else "JournalFileStorage"
    address = storage if is_url(storage) else Path(storage).absolute()
    command = [str(program), str(address), "--storage-class", kind, "--host", "127.0.0.1"]
    return [*command, "--port", str(port)]
