"""Addresses of run stores and of their files: taken apart, put together, shown without secrets."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from toolkit.errors import ToolkitError

SERVERS = ("http://", "https://")
AWKWARD = frozenset("%#?")  # what an address means otherwise than a path does
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
LONGEST_QUOTATION = 200  # characters of foreign text in one message
_SECRETS = (
    (re.compile(r"(://[^:/@\s]*):\S*@"), r"\1:***@"),
    (re.compile(r"(https?://)[^:/@\s]+@"), r"\1***@"),
    (re.compile(r"(?i)([?&;][\w.-]*(?:password|passwd|pwd|token|secret|key)=)[^&;\s]*"), r"\1***"),
)


def without_secrets(text: str) -> str:
    """A text with the passwords and tokens of all addresses in it hidden.

    >>> without_secrets("postgresql://ada:s3c@ret@host/runs?sslpassword=x refused")
    'postgresql://ada:***@host/runs?sslpassword=*** refused'
    >>> without_secrets("https://a-token@runs.example.org")
    'https://***@runs.example.org'
    """
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def printable(text: object, *, longest: int = LONGEST_QUOTATION) -> str:
    """Foreign text as a message may show it: control characters escaped, and not too long.

    Characters that change the direction of text count as control characters.

    >>> printable("seed=0"), printable("\\x1b[31mred")
    ('seed=0', '\\\\x1b[31mred')
    >>> printable("a" * 300, longest=5)
    'aaaaa...'
    """
    escaped = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text)
    )
    return escaped if len(escaped) <= longest else f"{escaped[:longest]}..."


def quoted(text: object, *, longest: int = LONGEST_QUOTATION) -> str:
    """Foreign text in quotation marks, control characters escaped, and not too long.

    >>> quoted("\\x1b[31mred"), quoted("a" * 300, longest=5)
    ("'\\\\x1b[31mred'", "'aaaaa'...")
    """
    whole = str(text)
    return repr(whole) if len(whole) <= longest else f"{whole[:longest]!r}..."


def local_path(address: str) -> Path | None:
    """The folder that an artifact address means, where it is one of this machine.

    >>> local_path("file:///tmp/a%20b"), local_path("/tmp/a%20b"), local_path("s3://bucket/a")
    (PosixPath('/tmp/a b'), PosixPath('/tmp/a%20b'), None)
    >>> local_path("mlflow-artifacts:/1/a"), local_path("dbfs:/a"), local_path("/a:/b")
    (None, None, PosixPath('/a:/b'))
    """
    if not SCHEME.match(address) and not address.startswith("file:"):
        return Path(address)
    try:
        parts = urlsplit(address)
    except ValueError:  # no address
        return None
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def artifact_location(folder: str, name: str) -> str:
    """Where the files of the experiment `name` are kept, below a folder or an address.

    >>> artifact_location("/runs", "mnist"), artifact_location("s3://bucket/a/", "mnist")
    ('/runs/mnist', 's3://bucket/a/mnist')
    >>> artifact_location("/50%/runs", "mnist")
    'file:///50%25/runs/mnist'
    """
    local = local_path(folder)
    if local is None or folder.startswith("file:"):
        return f"{folder.rstrip('/')}/{name}"
    path = local / name
    return path.absolute().as_uri() if AWKWARD & set(str(path)) else str(path)


def sqlite_database(uri: str, root: Path) -> Path:
    """The file that a SQLite address names; a relative one starts at `root`.

    >>> sqlite_database("sqlite:///runs.db?timeout=60", Path("/project"))
    PosixPath('/project/runs.db')

    Raises:
        ToolkitError: it names no file.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        database = make_url(uri).database
    except (ArgumentError, ValueError):
        database = None
    if not database or database == ":memory:":
        raise ToolkitError(
            f"{without_secrets(uri)} names no file, and runs in memory are gone with the process. "
            "Give a file, such as sqlite:///mlflow.db."
        )
    return root / database


def sqlite_address(database: Path, options: Mapping[str, str | tuple[str, ...]]) -> str:
    """The address of a SQLite file, which may lie in folders with any names.

    >>> sqlite_address(Path("/a b/runs.db"), {"timeout": "60"})
    'sqlite:////a b/runs.db?timeout=60'
    >>> sqlite_address(Path("/50%/runs.db"), {})
    'sqlite:////50%25/runs.db'
    """
    from sqlalchemy.engine import URL

    quoted = URL.create("sqlite", database=str(database), query=options)
    address = quoted.render_as_string(hide_password=False)
    if AWKWARD & set(str(database)):
        return address
    return f"sqlite:///{database}" + (f"?{address.partition('?')[2]}" if options else "")


@contextmanager
def without_stray_folders(uri: str) -> Iterator[None]:
    """Remove the empty folders that MLflow makes inside.

    It takes the percent signs of a SQLite address for a part of the path.
    """
    folder = Path(uri.removeprefix("sqlite:///")).parent
    stray = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    finally:
        for path in stray:
            if path.is_dir() and not os.listdir(path):
                path.rmdir()
