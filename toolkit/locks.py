"""One process at a time works on one thing; a second says who is at work, and waits.

The operating system frees a lock when the process that holds it ends, however it ends; worker
processes of a killed stage may hold it a moment longer.
"""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from toolkit.errors import ToolkitError
from toolkit.files import writing

_held: set[Path] = set()  # by this process, which would wait for itself for ever


@contextmanager
def exclusive(path: Path, task: str, *, remedy: str = "choose another folder") -> Iterator[None]:
    """Hold the lock file `path` while the block runs; wait as long as another process holds it.

    Arguments:
        path: the lock file; its text names the process that holds it.
        task: what is done under the lock, for the message, such as "ensemble beta".
        remedy: what to do where the file cannot be written, besides changing permissions.

    Raises:
        ToolkitError: this process holds the lock already, or the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, exclusive(Path(folder) / "a.lock", "task a"):
    ...     (Path(folder) / "a.lock").read_text().startswith("process")
    True
    """
    path = path.absolute()
    if path in _held:
        raise ToolkitError(
            f"this process is already working on {task}. Finish or close that work first."
        )
    with writing(path, remedy=remedy):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            sys.stderr.write(f"{_holder(path)} is working on {task}; waiting until it ends\n")
            sys.stderr.flush()
            lock.acquire()
    _held.add(path)
    try:
        with writing(path, remedy=remedy):
            path.write_text(f"process {os.getpid()} on {platform.node()}")
        yield
    finally:
        _held.discard(path)
        lock.release()


def _holder(path: Path) -> str:
    """Name of the process in a lock file; a generic one in the moment before it is written."""
    try:
        return path.read_text() or "another process"
    except OSError:
        return "another process"
