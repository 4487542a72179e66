"""One process at a time works on one thing; a second waits and says so.

A stage that was killed may leave its training behind for a moment; the kernel frees the lock with
it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from toolkit.files import writing


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold the lock `path` while the block runs.

    Raises:
        ToolkitError: the file may not be written.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            sys.stderr.write(f"another process is working on {what}; waiting until it ends\n")
            lock.acquire()
    try:
        yield
    finally:
        lock.release()
