"""Finding a publisher's file, and one sentence for every way in which it can be unreadable."""

import re
import struct
import tarfile
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from PIL import Image

from toolkit.errors import ToolkitError

DAMAGE = (
    AttributeError,  # the libraries that decode files meet damage with whatever comes up
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    IndexError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    UnboundLocalError,
    struct.error,
    tarfile.TarError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

ADDRESS = re.compile(
    r"\s*<[^<>]* at 0x[0-9a-fA-F]+>"
)  # of an object in memory: tells nobody anything
AGAIN: ContextVar[str] = ContextVar("AGAIN", default="Download it again.")


@contextmanager
def own_files() -> Iterator[None]:
    """While the block runs, damaged files are somebody's own: nobody can download them again."""
    token = AGAIN.set("Save it again, or take it away.")
    try:
        yield
    finally:
        AGAIN.reset(token)


@contextmanager
def reading(path: Path, *, kind: str) -> Iterator[None]:
    """Say in a sentence that `path` is no whole file of this kind, whatever the library says.

    >>> with reading(Path("images.npz"), kind="npz file"):
    ...     raise EOFError("no more data")
    Traceback (most recent call last):
    toolkit.errors.ToolkitError: images.npz is no whole npz file (no more data). Download it again.
    """
    try:
        yield
    except ToolkitError:
        raise
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. Put the {kind} there.") from error
    except (PermissionError, IsADirectoryError, NotADirectoryError) as error:
        raise ToolkitError(f"{path} cannot be read ({error.strerror}).") from error
    except (OSError, *DAMAGE) as error:
        said = ADDRESS.sub("", str(error)).strip().split("\n")[0].rstrip(".")
        reason = said or type(error).__name__
        raise ToolkitError(f"{path} is no whole {kind} ({reason}). {AGAIN.get()}") from error


def find(root: Path, names: Iterable[str], *, home: str) -> Path:
    """The first of some paths under `root` that exists; a sentence when none does."""
    names = list(names)
    for name in names:
        if (root / name).exists():
            return root / name
    raise ToolkitError(
        f"{root} holds no {' and no '.join(names)}. Put it there; it comes from {home}"
    )
