"""Arrays of one's own: images, and factors if there are some, in npz, npy, HDF5 or MATLAB files."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge

from toolkit.data.collect import collect
from toolkit.data.images import BLOCK, Factors, Images, ImageSet, Indices
from toolkit.data.readers.formats.array_files import FORMATS, ArrayFormat
from toolkit.data.readers.formats.opening import own_files
from toolkit.data.readers.formats.tones import tones_of
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

USUAL = (1, 3)  # colours
MOST_COLOURS = 4  # an axis longer than this is none of colours, where another could be


@dataclass(frozen=True, kw_only=True)
class ArrayOptions(Selection):
    """What the arrays are called and how they lie.

    Arguments:
        images: key of the images; an npy file has none.
        layout: the axes of the images: n images, h rows, w columns, c colours.
        factors: key of the factors (n, k) or (n,), whole numbers; empty for none.
        factor_names: k names, by default factor_0, factor_1 ...
        value_range: the values of black and white; None: 0 and 255 of bytes, 0 and 1 of fractions,
            0 and 65535 of 16-bit numbers.
        colours: number of colours, where it is neither 1 nor 3.
    """

    images: str = "images"
    layout: Literal["nhw", "nhwc", "nchw", "nwh", "ncwh", "hwn", "hwcn"] = "nhwc"
    factors: str = ""
    factor_names: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    colours: Annotated[int, Ge(0)] = 0


def load_arrays(root: Path, options: ArrayOptions, *, kind: str) -> ImageSet:
    """The arrays of `root`, which is the file, or a folder that holds one file of its kind.

    Arguments:
        kind: a name in `FORMATS`.
    """
    form = FORMATS[kind]
    with own_files():
        path = form.only_file(root)
        shape, dtype = form.header(path, options.images)
        what = f"{options.images!r} of {path}"
        count, image_shape = _image_shape(shape, options, what)
        tones = tones_of(
            form.blocks(path, options.images), dtype, value_range=options.value_range, what=what
        )
        indices = options.indices(count)

        def transform(rows: np.ndarray, at: Indices) -> Images:
            del at
            return tones.convert(rows)

        images = collect(
            _images_first(form, path, options), indices, shape=image_shape, transform=transform
        )
        columns = _Columns.read(form, path, options, count=count)
    return ImageSet(
        name=kind,
        images=images,
        factors=None if columns is None else columns.values[indices],
        factor_names=() if columns is None else columns.names,
        factor_sizes=() if columns is None else columns.sizes,
        notes=(*tones.notes, *(() if columns is None else columns.notes)),
    )


def _image_shape(
    shape: tuple[int, ...], options: ArrayOptions, what: str
) -> tuple[int, tuple[int, int, int]]:
    """Number of images, and colours, height, width of each."""
    layout = options.layout
    if len(shape) != len(layout):
        raise ToolkitError(
            f"{what} has shape {shape}; the layout {layout!r} has {len(layout)} axes. "
            "Set `layout` to the axes that it has: n images, h rows, w columns, c colours."
        )
    length = dict(zip(layout, shape, strict=True))
    colours = length.get("c", 1)
    if colours not in (*USUAL, options.colours):
        for other, axis in (("nchw", 1), ("nhwc", 3)):
            if colours > MOST_COLOURS and shape[axis] in USUAL and other != layout:
                remedy = f"Set `layout: {other}`, which makes it {shape[axis]}."
                break
        else:
            remedy = (
                "Save 1 (grey) or 3 (red, green, blue), without transparency; or set "
                f"`colours: {colours}` to train on all of them."
            )
        raise ToolkitError(
            f"{what} has shape {shape}, so {colours} colours by the layout {layout!r}. {remedy}"
        )
    return length["n"], (colours, length["h"], length["w"])


def _images_first(form: ArrayFormat, path: Path, options: ArrayOptions) -> Iterator[np.ndarray]:
    """Blocks (b, c, h, w); layouts that do not begin with the images are read whole."""
    axes = options.layout if "c" in options.layout else f"{options.layout}c"
    order = [axes.index(axis) for axis in "nchw"]
    if options.layout.startswith("n"):
        blocks = form.blocks(path, options.images)
    else:
        blocks = iter([form.whole(path, options.images)])
    for rows in blocks:
        whole = rows if "c" in options.layout else rows[..., None]
        turned = whole.transpose(order)
        for start in range(0, len(turned), BLOCK):
            yield turned[start : start + BLOCK]


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Factors counted from 0 without gaps, and what was changed for that."""

    values: Factors
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    notes: tuple[str, ...]

    @classmethod
    def read(
        cls, form: ArrayFormat, path: Path, options: ArrayOptions, *, count: int
    ) -> "_Columns | None":
        """The declared factors of a file with `count` images; None where none are declared."""
        if not options.factors:
            return None
        array = form.whole(path, options.factors)
        table = array.reshape(-1, 1) if array.ndim == 1 or array.shape == (1, count) else array
        whole = np.issubdtype(table.dtype, np.integer) or (
            np.issubdtype(table.dtype, np.floating) and bool((np.rint(table) == table).all())
        )
        if table.ndim != 2 or len(table) != count or not whole:
            raise ToolkitError(
                f"{path} holds {options.factors!r} as {array.dtype} of shape {array.shape}; "
                f"expected whole numbers of shape ({count}, k), one row per image."
            )
        names = options.factor_names or tuple(f"factor_{i}" for i in range(table.shape[1]))
        ranked = [np.unique(column, return_inverse=True) for column in table.T]
        notes = tuple(
            f"the values of {name}, {len(levels)} from {levels[0]:g} to {levels[-1]:g}, are "
            f"counted from 0 to {len(levels) - 1}"
            for name, (levels, _) in zip(names, ranked, strict=False)
            if levels[0] != 0 or levels[-1] != len(levels) - 1
        )
        return cls(
            values=np.stack([ranks for _, ranks in ranked], axis=1).astype(np.int64),
            names=names,
            sizes=tuple(len(levels) for levels, _ in ranked),
            notes=notes,
        )


def _source(kind: str, about: str) -> Source:
    return Source(
        load=partial(load_arrays, kind=kind),
        options=ArrayOptions,
        about=about,
        licence="yours",
        home="docs/data.md",
        files=(ExpectedFile(name=f"any{FORMATS[kind].suffixes[0]}"),),
        image_shape=None,
    )


NPZ = _source("npz", "Any npz file with images, and with factors if there are some.")
NPY = _source("npy", "Any npy file with images.")
HDF5 = _source("hdf5", "Any HDF5 file with images, and with factors if there are some.")
MAT = _source("mat", "Any MATLAB file with images, and with factors if there are some.")
