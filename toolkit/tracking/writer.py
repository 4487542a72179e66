"""Who wrote a run: the clone of a project, by a name that stays when the clone is moved.

The name lies in `.toolkit/writer`, which git ignores, so that every clone has its own. The file
also holds the folder it was written for: a copy of a whole project finds the original still there
and takes a new name.
"""

import platform
import secrets
from functools import cache
from pathlib import Path

from toolkit.files import digest_of_bytes, write_text
from toolkit.locks import exclusive

FILE = Path(".toolkit") / "writer"


@cache
def writer_of(root: Path) -> str:
    """The name of the project at `root` in the tag `record.writer`; made at the first call.

    Arguments:
        root: the project's folder, absolute.

    Raises:
        ToolkitError: the folder may not be written.
    """
    path = root / FILE
    with exclusive(path.with_suffix(".lock"), f"the name of the project at {root}"):
        name, folder = _read(path)
        is_copy = folder != root and name == _read(folder / FILE)[0]
        if not name or is_copy:
            name = secrets.token_hex(8)
        if folder != root:
            write_text(path, f"{name}\n{root}\n")
    return name


def earlier_writer_of(root: Path) -> str:
    """The name of the same project before names lay in a file."""
    return digest_of_bytes(f"{platform.node()}:{root}".encode())[:16]


def _read(path: Path) -> tuple[str, Path]:
    """The name and the folder in a file; empty ones where there is no such file."""
    try:
        name, folder = path.read_text().splitlines()
    except (OSError, ValueError):
        return "", Path()
    return name, Path(folder)
