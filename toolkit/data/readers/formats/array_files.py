"""Files of arrays in four formats behind one record: shape, blocks of rows, and the whole array."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.data.images import BLOCK
from toolkit.data.readers.formats.hdf5 import hdf5_array, hdf5_blocks, hdf5_header
from toolkit.data.readers.formats.npz import npz_array, npz_blocks, npz_header
from toolkit.data.readers.formats.opening import reading
from toolkit.errors import ToolkitError

Header = tuple[tuple[int, ...], np.dtype]


@dataclass(frozen=True, kw_only=True)
class ArrayFormat:
    """How arrays are read from one kind of file.

    Arguments:
        suffixes: of its files.
        header: from path and key to shape and type.
        blocks: from path and key to consecutive rows, some at a time.
        whole: from path and key to the array.
    """

    suffixes: tuple[str, ...]
    header: Callable[[Path, str], Header]
    blocks: Callable[[Path, str], Iterator[np.ndarray]]
    whole: Callable[[Path, str], np.ndarray]

    def only_file(self, root: Path) -> Path:
        """`root`, or the only file of this format in it.

        Raises:
            ToolkitError: the folder holds none or several.
        """
        if not root.is_dir():
            return root
        held = sorted(path for path in root.iterdir() if path.suffix in self.suffixes)
        if len(held) != 1:
            kind = self.suffixes[0]
            raise ToolkitError(
                f"{root} holds {len(held)} {kind.removeprefix('.')} files. "
                f"Name the one that is meant: `raw: {root}/FILE{kind}`."
            )
        return held[0]


def _npy(path: Path, key: str) -> np.ndarray:
    del key  # the file is one array
    with reading(path, kind="npy file"):
        array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        if not array.shape:
            raise ToolkitError(f"{path} holds a single number, not an array of images.")
        return array


def _header_of(array: np.ndarray) -> Header:
    return array.shape, array.dtype


def _rows_of(array: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(array), BLOCK):
        yield np.asarray(array[start : start + BLOCK])


def _mat(path: Path, key: str) -> np.ndarray:
    """An array of a MATLAB file up to version 7, in MATLAB's order of axes."""
    from scipy.io import matlab  # a fifth of a second, which those who read no MATLAB need not

    load: Any = matlab.loadmat
    with reading(path, kind="MATLAB file"):
        try:
            held = load(path, variable_names=[key])
            names = [name for name, _, _ in matlab.whosmat(path)]
        except NotImplementedError as error:
            raise ToolkitError(
                f"{path} is a MATLAB file of version 7.3, which is HDF5 with its axes in reverse. "
                "Set `source: hdf5` and turn `layout` round: hwcn becomes ncwh."
            ) from error
        except matlab.MatReadError as error:
            raise ValueError(error) from error
    if key not in held:
        raise ToolkitError(f"{path} holds no array {key!r}; it holds {', '.join(names[:8])}.")
    array = np.asarray(held[key])
    if array.dtype.hasobject or not np.issubdtype(array.dtype, np.number):
        raise ToolkitError(f"{path} holds {key!r} as something else than an array of numbers.")
    return array


FORMATS: dict[str, ArrayFormat] = {
    "npz": ArrayFormat(suffixes=(".npz",), header=npz_header, blocks=npz_blocks, whole=npz_array),
    "npy": ArrayFormat(
        suffixes=(".npy",),
        header=lambda path, key: _header_of(_npy(path, key)),
        blocks=lambda path, key: _rows_of(_npy(path, key)),
        whole=_npy,
    ),
    "hdf5": ArrayFormat(
        suffixes=(".h5", ".hdf5", ".hdf", ".mat"),
        header=hdf5_header,
        blocks=hdf5_blocks,
        whole=hdf5_array,
    ),
    "mat": ArrayFormat(
        suffixes=(".mat",),
        header=lambda path, key: _header_of(_mat(path, key)),
        blocks=lambda path, key: _rows_of(_mat(path, key)),
        whole=_mat,
    ),
}
