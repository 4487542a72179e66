"""Arrays of an HDF5 file, read in blocks."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.data.images import BLOCK
from toolkit.data.readers.formats.opening import reading
from toolkit.errors import ToolkitError


def hdf5_header(path: Path, key: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of an array, without reading it."""
    with _opened(path, key) as array:
        return tuple(array.shape), array.dtype


def hdf5_array(path: Path, key: str) -> np.ndarray:
    """A whole array; for those that fit into memory."""
    with _opened(path, key) as array:
        return np.asarray(array[...])


def hdf5_blocks(path: Path, key: str, *, rows: int = BLOCK) -> Iterator[np.ndarray]:
    """The array, `rows` rows at a time."""
    with _opened(path, key) as array:
        for start in range(0, len(array), rows):
            yield np.asarray(array[start : start + rows])


@contextmanager
def _opened(path: Path, key: str) -> Iterator[Any]:
    h5py = importlib.import_module("h5py")  # half a second that other data sets do not wait for
    with reading(path, kind="HDF5 file"), h5py.File(path, "r") as file:
        if key not in file or not isinstance(file[key], h5py.Dataset):
            raise ToolkitError(
                f"{path} holds no array {key!r}; it holds {', '.join(sorted(file)) or 'nothing'}."
            )
        if file[key].dtype.hasobject or not file[key].shape:
            raise ToolkitError(f"{path} holds {key!r} as something else than an array of numbers.")
        yield file[key]
