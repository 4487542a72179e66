"""Arrays of an npz file, read in blocks and never unpickled.

NumPy's formats: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import numpy as np

from toolkit.data.images import BLOCK
from toolkit.data.readers.formats.opening import AGAIN, reading
from toolkit.errors import ToolkitError

Header = tuple[tuple[int, ...], np.dtype]


def npz_header(path: Path, key: str) -> Header:
    """Shape and type of an array, without reading it."""
    with _opened(path, key) as (_, header):
        return header


def npz_array(path: Path, key: str) -> np.ndarray:
    """A whole array; for those that fit into memory."""
    blocks = list(npz_blocks(path, key))
    return np.concatenate(blocks) if blocks else np.empty(*npz_header(path, key))


def npz_blocks(path: Path, key: str, *, rows: int = BLOCK) -> Iterator[np.ndarray]:
    """The array, `rows` rows at a time; to its end, so that the file's checksum is compared."""
    with _opened(path, key) as (file, (shape, dtype)):
        width = dtype.itemsize * math.prod(shape[1:])
        for start in range(0, shape[0], rows):
            count = min(rows, shape[0] - start)
            content = file.read(count * width)
            if len(content) < count * width:
                raise EOFError(f"{key} ends after {start} of {shape[0]} rows")
            yield np.frombuffer(content, dtype=dtype).reshape(count, *shape[1:])
        file.read(1)  # the checksum is compared at the end


@contextmanager
def _opened(path: Path, key: str) -> Iterator[tuple[zipfile.ZipExtFile, Header]]:
    with reading(path, kind="npz file"), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if f"{key}.npy" not in names:
            held = ", ".join(name.removesuffix(".npy") for name in names[:8]) or "nothing"
            raise ToolkitError(f"{path} holds no array {key!r}; it holds {held}.")
        info = archive.getinfo(f"{key}.npy")
        with archive.open(info) as opened:
            file = cast(zipfile.ZipExtFile, opened)
            version = np.lib.format.read_magic(file)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }
            if version not in read:
                raise ToolkitError(
                    f"{path} holds {key!r} in an unknown version, {version}. Save it again."
                )
            shape, column_major, dtype = read[version](file)
            if dtype.hasobject:
                raise ToolkitError(
                    f"{path} holds {key!r} as pickled Python objects, which may run code when "
                    "read. Save plain numbers, or name another array."
                )
            if column_major or not shape:
                raise ToolkitError(
                    f"{path} holds {key!r} column by column or as a single number. "
                    "Save it row by row: numpy.ascontiguousarray."
                )
            announced, present = math.prod(shape) * dtype.itemsize, info.file_size - file.tell()
            if announced != present:
                raise ToolkitError(
                    f"{path} announces {announced} bytes of {key!r} and holds {present}. "
                    f"{AGAIN.get()}"
                )
            yield file, (shape, dtype)
