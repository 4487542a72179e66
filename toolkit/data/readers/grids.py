"""Shapes3D and MPI3D: files that hold a whole grid of factors in its row-major order.

Burgess & Kim (2018), https://github.com/google-deepmind/3d-shapes
Gondal et al. (2019), https://arxiv.org/abs/1906.03292; two releases, told apart by their size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from toolkit.data.collect import channels_first, collect
from toolkit.data.images import ImageSet
from toolkit.data.readers.formats.hdf5 import hdf5_array, hdf5_blocks, hdf5_header
from toolkit.data.readers.formats.npz import npz_blocks, npz_header
from toolkit.data.readers.formats.opening import find
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

SIDE = 64
SHAPES3D_HOME = "https://github.com/google-deepmind/3d-shapes"
SHAPES3D_URL = "https://storage.googleapis.com/3d-shapes/3dshapes.h5"
SHAPES3D_SHA256 = (
    "0a0f6ed98baff276a50f3a081a7434d788da63cb135a98189b2a5b5769be1785"  # as TensorFlow Datasets
)
SHAPES3D_FACTORS = (
    ("floor_hue", 10),
    ("wall_hue", 10),
    ("object_hue", 10),
    ("scale", 8),
    ("shape", 4),
    ("orientation", 15),
)
MPI3D_HOME = "https://github.com/rr-learning/disentanglement_dataset"
MPI3D_NAMES = (
    "object_color",
    "object_shape",
    "object_size",
    "camera_height",
    "background_color",
    "horizontal_axis",
    "vertical_axis",
)
MPI3D_RELEASES = {460_800: (4, 4, 2, 3, 3, 40, 40), 1_036_800: (6, 6, 2, 3, 3, 40, 40)}


@dataclass(frozen=True, kw_only=True)
class GridOptions(Selection):
    """Only which images to take."""


def load_shapes3d(
    root: Path,
    options: GridOptions,
    *,
    factors: tuple[tuple[str, int], ...] = SHAPES3D_FACTORS,
) -> ImageSet:
    """480,000 images; the file's labels must rise with the grid."""
    path = find(root, ["3dshapes.h5"], home=SHAPES3D_HOME)
    sizes = tuple(size for _, size in factors)
    count = int(np.prod(sizes))
    _check_images(path, hdf5_header(path, "images"), counts=[count])
    labels = hdf5_array(path, "labels")
    every = np.stack(np.unravel_index(np.arange(count), sizes), axis=1)
    columns = [np.unique(column, return_inverse=True)[1] for column in labels.T]
    if labels.shape != every.shape or (np.stack(columns, axis=1) != every).any():
        raise ToolkitError(
            f"{path} orders its images otherwise than Shapes3D does: images and labels disagree. "
            "Download it again."
        )
    indices = options.indices(count)
    return ImageSet(
        name="shapes3d",
        images=collect(
            hdf5_blocks(path, "images"),
            indices,
            shape=(3, SIDE, SIDE),
            transform=channels_first,
        ),
        factors=every[indices],
        factor_names=tuple(name for name, _ in factors),
        factor_sizes=sizes,
    )


def load_mpi3d(
    root: Path,
    options: GridOptions,
    *,
    kind: str,
    releases: Mapping[int, tuple[int, ...]] = MPI3D_RELEASES,
) -> ImageSet:
    """The images of one release; how many there are tells which one."""
    path = find(root, [f"mpi3d_{kind}.npz"], home=MPI3D_HOME)
    header = npz_header(path, "images")
    _check_images(path, header, counts=list(releases))
    sizes = releases[header[0][0]]
    indices = options.indices(header[0][0])
    return ImageSet(
        name=f"mpi3d_{kind}",
        images=collect(
            npz_blocks(path, "images"),
            indices,
            shape=(3, SIDE, SIDE),
            transform=channels_first,
        ),
        factors=np.stack(np.unravel_index(indices, sizes), axis=1),
        factor_names=MPI3D_NAMES,
        factor_sizes=sizes,
    )


def _check_images(
    path: Path, header: tuple[tuple[int, ...], np.dtype], *, counts: list[int]
) -> None:
    shape, dtype = header
    if shape[0] not in counts or shape[1:] != (SIDE, SIDE, 3) or dtype != np.uint8:
        allowed = " or ".join(f"{count:,}" for count in counts)
        raise ToolkitError(
            f"{path} holds images of {dtype} and shape {shape}; expected uint8 of shape "
            f"(n, {SIDE}, {SIDE}, 3) with n = {allowed}. Download it again."
        )


SHAPES3D = Source(
    load=load_shapes3d,
    options=GridOptions,
    about="480,000 renderings of one object in a room; every combination of six factors.",
    licence="Apache 2.0 (DeepMind)",
    home=SHAPES3D_HOME,
    files=(
        ExpectedFile(
            name="3dshapes.h5", size=267_573_662, sha256=SHAPES3D_SHA256, urls=(SHAPES3D_URL,)
        ),
    ),
    factors=SHAPES3D_FACTORS,
    image_shape=(3, SIDE, SIDE),
)


def _mpi3d(kind: str, about: str) -> Source:
    return Source(
        load=partial(load_mpi3d, kind=kind),
        options=GridOptions,
        about=f"A robot arm that holds an object, {about}; 460,800 or 1,036,800 images.",
        licence="CC BY 4.0 (MPI Tübingen)",
        home=MPI3D_HOME,
        files=(ExpectedFile(name=f"mpi3d_{kind}.npz"),),
        factors=tuple(zip(MPI3D_NAMES, MPI3D_RELEASES[1_036_800], strict=True)),
        image_shape=(3, SIDE, SIDE),
    )


MPI3D_TOY = _mpi3d("toy", "simply rendered")
MPI3D_REALISTIC = _mpi3d("realistic", "realistically rendered")
MPI3D_REAL = _mpi3d("real", "photographed")
