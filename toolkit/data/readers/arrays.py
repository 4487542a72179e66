"""Any npz file with images, and with factors if there are some."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from toolkit.data.collect import collect
from toolkit.data.images import Factors, Images, ImageSet, Indices
from toolkit.data.readers.formats.npz import npz_array, npz_blocks, npz_header
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

RANK = {"nhw": 3, "nhwc": 4, "nchw": 4}


@dataclass(frozen=True, kw_only=True)
class NpzOptions(Selection):
    """What the arrays are called and how they lie.

    Arguments:
        images: key of the images: uint8 0..255, or true and false.
        layout: the axes of the images.
        factors: key of the factors (n, k) or (n,), whole numbers from 0; empty for none.
        factor_names: k names, by default factor_0, factor_1 ...
    """

    images: str = "images"
    layout: Literal["nhw", "nhwc", "nchw"] = "nhwc"
    factors: str = ""
    factor_names: tuple[str, ...] = ()


def load_npz(root: Path, options: NpzOptions) -> ImageSet:
    """The arrays of `root`, which is the file, or a folder that holds one npz file."""
    path = _only(root)
    shape, dtype = npz_header(path, options.images)
    if len(shape) != RANK[options.layout] or dtype not in (np.dtype(np.uint8), np.dtype(bool)):
        raise ToolkitError(
            f"{path} holds {options.images!r} as {dtype} of shape {shape}; the layout "
            f"{options.layout!r} wants uint8 or bool with {RANK[options.layout]} axes. "
            "Set `layout`, or save the images so."
        )
    indices = options.indices(shape[0])
    factors, names, sizes = _factors(path, options, count=shape[0])

    def transform(rows: np.ndarray, at: Indices) -> Images:
        del at
        bytes_ = rows * np.uint8(255) if rows.dtype == bool else rows
        return _channels_first(bytes_, options.layout)

    blank = _channels_first(np.empty((0, *shape[1:]), dtype=np.uint8), options.layout)
    return ImageSet(
        name="npz",
        images=collect(
            npz_blocks(path, options.images), indices, shape=blank.shape[1:], transform=transform
        ),
        factors=None if factors is None else factors[indices],
        factor_names=names,
        factor_sizes=sizes,
    )


def _channels_first(rows: np.ndarray, layout: str) -> Images:
    if layout == "nhw":
        return rows[:, None]
    return np.moveaxis(rows, -1, 1) if layout == "nhwc" else rows


def _factors(
    path: Path, options: NpzOptions, *, count: int
) -> tuple[Factors | None, tuple[str, ...], tuple[int, ...]]:
    if not options.factors:
        return None, (), ()
    array = npz_array(path, options.factors)
    table = array[:, None] if array.ndim == 1 else array
    if table.ndim != 2 or len(table) != count or not np.issubdtype(table.dtype, np.integer):
        raise ToolkitError(
            f"{path} holds {options.factors!r} as {array.dtype} of shape {array.shape}; "
            f"expected whole numbers of shape ({count}, k), a row an image."
        )
    names = options.factor_names or tuple(f"factor_{i}" for i in range(table.shape[1]))
    factors = np.ascontiguousarray(table, dtype=np.int64)
    return factors, names, tuple(int(top) + 1 for top in factors.max(axis=0))


def _only(root: Path) -> Path:
    if not root.is_dir():
        return root
    held = sorted(root.glob("*.npz"))
    if len(held) != 1:
        raise ToolkitError(
            f"{root} holds {len(held)} npz files. "
            f"Name the one that is meant: `raw: {root}/FILE.npz`."
        )
    return held[0]


NPZ = Source(
    load=load_npz,
    options=NpzOptions,
    about="Any npz file with images, and with factors if there are some.",
    licence="yours",
    home="docs/data.md",
    files=(ExpectedFile(name="any.npz"),),
    image_shape=None,
)
