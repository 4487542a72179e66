"""Whole-or-absent writing, and reading that refuses what it does not know.

The only module that writes results. A file appears under its name when all of its bytes are
on the disk, so a process killed at any moment leaves the old file, the new one, or none.
"""

import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.late_types import DataFrame

DRAFT = ".draft"
OR_DELETE = ", or delete it and run `dvc repro`"
FORMULAS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # and their wide forms
NUMERIC = "biufc"  # kinds of columns of numbers
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """A file beside `path` to write into; it takes the name `path` when the block succeeds.

    Raises:
        ToolkitError: the folder or the disk does not take it.
    """
    work = path.with_name(f".{path.name}.{secrets.token_hex(4)}{DRAFT}")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        work.touch(exist_ok=False)
    try:
        yield work
        with writing(path):
            with work.open("rb") as file:
                os.fsync(file.fileno())
            work.replace(path)
    finally:
        work.unlink(missing_ok=True)


@contextmanager
def writing(path: Path, *, remedy: str = "choose another folder") -> Iterator[None]:
    """Turn an error of the system while `path` is changed into a ToolkitError about `path`.

    Arguments:
        path: what the block writes.
        remedy: what to do besides changing permissions.
    """
    try:
        yield
    except OSError as error:
        raise ToolkitError(
            f"{path} cannot be written ({error.strerror}). "
            f"Give yourself permission to write there, or {remedy}."
        ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write all of `path` or nothing of it."""
    with draft(path) as work, writing(path):
        work.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write all of `path` or nothing of it, UTF-8 with line feeds."""
    write_bytes(path, content.encode())


def canonical_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """The one text of a value: keys sorted, no spaces, finite numbers; 1 and 1.0 differ.

    >>> canonical_json({"b": 1.0, "a": [True, None]})
    '{"a":[true,null],"b":1.0}'

    Raises:
        ToolkitError: a number is not finite.
    """
    return _json(value, separators=(",", ":"))


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a record: sorted keys, finite numbers, indented for people who read diffs."""
    write_text(path, _json(value, indent=1) + "\n")


def _json(value: Any, **layout: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False, **layout)
    except ValueError as error:
        raise ToolkitError(
            f"a record cannot hold these values ({error}). Records hold finite numbers only: "
            "find the computation that left them."
        ) from error


def read_json(path: Path, *, schema: str) -> dict[str, Any]:
    """Read a record written by `write_json`; refuse one made for something else."""
    try:
        value = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. Run `dvc repro` to make it.") from error
    except OSError as error:
        raise unreadable(path, error, otherwise=OR_DELETE) from error
    except ValueError as error:
        raise ToolkitError(
            f"{path} is damaged: it is not JSON. Delete it and run `dvc repro`."
        ) from error
    found = value.get("schema") if isinstance(value, dict) else None
    if found != schema:
        raise OtherSchemaError(path, found, schema)
    return dict(value)


def unreadable(path: Path, error: OSError, *, otherwise: str = "") -> ToolkitError:
    """The sentence for a file that is there and cannot be read.

    >>> print(unreadable(Path("a.json"), PermissionError(13, "Permission denied")))
    a.json cannot be read (Permission denied). Give yourself permission to read it.

    Arguments:
        path: of the file.
        error: what reading it raised.
        otherwise: what else to do: ", or delete it".
    """
    return ToolkitError(
        f"{path} cannot be read ({error.strerror or error}). "
        f"Give yourself permission to read it{otherwise}."
    )


class OtherSchemaError(ToolkitError):
    """A file that holds something else, or was written by another version of the toolkit.

    Arguments:
        path: of the file.
        found: the schema that it names, if any.
        schema: the one that was expected.
    """

    def __init__(self, path: Path, found: object, schema: str) -> None:
        super().__init__(f"{path} holds {found!r}, not {schema!r}. Delete it and run `dvc repro`.")
        self.found = str(found)


def save_tensors(
    path: Path, tensors: Mapping[str, Tensor], *, schema: str, **metadata: str
) -> None:
    """Write all of `path` or nothing of it, with a header that names its contents.

    The header is one text: several would be written in an order that changes from call to call.
    """
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    header = {"toolkit": canonical_json({"schema": schema, **metadata})}
    write_bytes(path, tensors_to_bytes(whole, metadata=header))


def load_tensors(path: Path, *, schema: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read what `save_tensors` wrote, with its metadata; refuse a file of another schema."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = json.loads((file.metadata() or {}).get("toolkit", "{}"))
            found = metadata.pop("schema", None)
            if found != schema:
                raise OtherSchemaError(path, found, schema)
            return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. Run `dvc repro` to make it.") from error
    except OSError as error:
        raise unreadable(path, error, otherwise=OR_DELETE) from error
    except SafetensorError as error:
        raise ToolkitError(
            f"{path} is damaged ({error}). Delete it and run `dvc repro`."
        ) from error


def csv_cell(value: Any) -> Any:  # noqa: ANN401 - whatever a cell can hold
    """A cell as a table may hold it that people open as a spreadsheet.

    A text that a spreadsheet would compute gets an apostrophe before it, and control characters
    are shown by their escapes. Numbers, and texts that are numbers, stay as they are.

    >>> csv_cell("=1+1"), csv_cell("-1.5e-3"), csv_cell(-2.0), csv_cell("a\\r@b")
    ("'=1+1", '-1.5e-3', -2.0, 'a\\\\r@b')

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    if not isinstance(value, str):
        return value
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
    return f"'{text}" if text.startswith(FORMULAS) and not NUMBER.fullmatch(text) else text


def write_csv(path: Path, table: DataFrame) -> None:
    """Write a table with a head line, nine significant digits, and line feeds.

    Texts and names of columns may be anybody's: see `csv_cell`.
    """
    safe = table.rename(columns=csv_cell)
    for position in range(safe.shape[1]):
        if safe.dtypes.iloc[position].kind not in NUMERIC:
            cells = [csv_cell(value) for value in safe.iloc[:, position]]
            safe.isetitem(position, np.array(cells, dtype=object))
    write_text(path, safe.to_csv(index=False, float_format="%.9g", lineterminator="\n"))


def write_parquet(path: Path, table: DataFrame) -> None:
    """Write a table in Parquet, numbers as float32; equal tables give equal bytes."""
    numbers = table.select_dtypes("float").columns
    content = io.BytesIO()
    narrow = table.astype(dict.fromkeys(numbers, "float32"))
    narrow.to_parquet(content, index=False, compression="zstd")
    write_bytes(path, content.getvalue())


def digest_of_bytes(content: bytes) -> str:
    """SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_of_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """SHA-256 of the canonical text of a value."""
    return digest_of_bytes(canonical_json(value).encode())


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_arrays(*arrays: npt.NDArray[Any] | Tensor) -> str:
    """SHA-256 of dtype, shape and contents, in order."""
    state = hashlib.sha256()
    for given in arrays:
        array = np.ascontiguousarray(given.numpy(force=True) if torch.is_tensor(given) else given)
        state.update(f"{array.dtype.str}{array.shape}".encode())
        state.update(array.data if array.size else b"")
    return state.hexdigest()
