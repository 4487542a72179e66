"""dSprites from the publisher's npz or HDF5 file, without ever unpickling its metadata.

Matthey, Higgins, Hassabis & Lerchner (2017), https://github.com/deepmind/dsprites-dataset
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from toolkit.data.collect import collect
from toolkit.data.images import Factors, Images, ImageSet, Indices
from toolkit.data.readers.formats.hdf5 import hdf5_array, hdf5_blocks, hdf5_header
from toolkit.data.readers.formats.npz import npz_array, npz_blocks, npz_header
from toolkit.data.readers.formats.opening import find
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

HOME = "https://github.com/deepmind/dsprites-dataset"
STEM = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64"
LICENCE = "Apache 2.0 (DeepMind)"
FACTORS = (
    ("shape", 3),
    ("scale", 6),
    ("orientation", 40),
    ("position_x", 32),
    ("position_y", 32),
)
SIDE = 64


@dataclass(frozen=True, kw_only=True)
class Masks:
    """The black and white images of a dSprites file, not yet read.

    Arguments:
        path: the npz or HDF5 file.
        sizes: of the five factors, last fastest.
    """

    path: Path
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return math.prod(self.sizes)

    def factors_at(self, indices: Indices) -> Factors:
        """Factor values (m, 5) of the images with these numbers."""
        factors: Factors = np.stack(np.unravel_index(indices, self.sizes), axis=1)
        return factors

    def blocks(self) -> Iterator[np.ndarray]:
        """All images, (b, 64, 64), 0 or 255; the original writes 1 for 255, some copies 255."""
        read = hdf5_blocks if self.path.suffix == ".hdf5" else npz_blocks
        for block in read(self.path, "imgs"):
            on = block != 0
            top = block.max(initial=1)
            if top not in (1, 255) or (block[on] != top).any():
                raise ToolkitError(
                    f"{self.path} holds grey pixels, but dSprites is black and white. "
                    "Download it again."
                )
            yield on * np.uint8(255)

    def images_at(self, indices: Indices) -> Images:
        """The images (m, 1, 64, 64) with these numbers, which must rise."""
        return collect(
            self.blocks(),
            indices,
            shape=(1, SIDE, SIDE),
            transform=lambda masks, _indices: masks[:, None],
        )


def open_masks(root: Path, *, factors: Sequence[tuple[str, int]] = FACTORS) -> Masks:
    """Find the file in `root` and compare its shape and factor classes with the grid."""
    path = find(root, [f"{STEM}.npz", f"{STEM}.hdf5"], home=HOME)
    masks = Masks(path=path, sizes=tuple(size for _, size in factors))
    hdf5 = path.suffix == ".hdf5"
    shape, dtype = (hdf5_header if hdf5 else npz_header)(path, "imgs")
    if shape != (len(masks), SIDE, SIDE) or dtype != np.uint8:
        raise ToolkitError(
            f"{path} holds images of {dtype} and shape {shape}; "
            f"dSprites has uint8 of shape {(len(masks), SIDE, SIDE)}."
        )
    classes = hdf5_array(path, "latents/classes") if hdf5 else npz_array(path, "latents_classes")
    expected = masks.factors_at(np.arange(len(masks)))
    if classes.shape != (len(masks), 6) or (classes[:, 1:] != expected).any():
        raise ToolkitError(
            f"{path} numbers its images otherwise than dSprites does: images and factors disagree. "
            "Download it again."
        )
    return masks


@dataclass(frozen=True, kw_only=True)
class DspritesOptions(Selection):
    """Only which images to take."""


def load_dsprites(
    root: Path,
    options: Selection,
    *,
    name: str,
    shown: Sequence[str],
    factors: Sequence[tuple[str, int]] = FACTORS,
) -> ImageSet:
    """The images, and of their factors those that are `shown`."""
    masks = open_masks(root, factors=factors)
    indices = options.indices(len(masks))
    columns = [j for j, (factor, _) in enumerate(factors) if factor in shown]
    return ImageSet(
        name=name,
        images=masks.images_at(indices),
        factors=np.ascontiguousarray(masks.factors_at(indices)[:, columns]),
        factor_names=tuple(factors[j][0] for j in columns),
        factor_sizes=tuple(factors[j][1] for j in columns),
    )


FILES = (
    ExpectedFile(name=f"{STEM}.npz", urls=(f"{HOME}/raw/master/{STEM}.npz",)),
    ExpectedFile(
        name=f"{STEM}.hdf5",
        size=28_024_106,
        sha256="729fa22e884c9c500e1f17415d580746b4c5894fbbb780a1319bbcfa39a745bb",
        urls=(f"{HOME}/raw/master/{STEM}.hdf5",),
    ),
)
DSPRITES = Source(
    load=partial(load_dsprites, name="dsprites", shown=[name for name, _ in FACTORS]),
    options=DspritesOptions,
    about="737,280 sprites, white on black: the field's standard. One of the two files is enough.",
    licence=LICENCE,
    home=HOME,
    files=FILES,
    factors=FACTORS,
    image_shape=(1, SIDE, SIDE),
)
DSPRITES_NOSHAPE = Source(
    load=partial(load_dsprites, name="dsprites_noshape", shown=[name for name, _ in FACTORS[1:]]),
    options=DspritesOptions,
    about="dSprites with shape left out of the known factors.",
    licence=LICENCE,
    home=HOME,
    files=FILES,
    factors=FACTORS[1:],
    image_shape=(1, SIDE, SIDE),
)
