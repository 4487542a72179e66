"""Data sets: images, known factors, splits and probe sets.

>>> load("sprites", Path(), scales=1, orientations=1, positions_x=2, positions_y=2).images.shape
(12, 1, 32, 32)
"""

from pathlib import Path
from typing import Any

from toolkit.data.images import ImageSet
from toolkit.data.prepared import PreparedData, prepare, read_prepared, write_prepared
from toolkit.data.probe import ProbeSet
from toolkit.data.procedural.blocks import XY_BLOCKS
from toolkit.data.procedural.circle import CIRCLE
from toolkit.data.procedural.objects import XY_OBJECT, XY_OBJECT_SHADED
from toolkit.data.procedural.sprites import SPRITES
from toolkit.data.procedural.squares import X_COLUMNS, XY_SINGLE_SQUARE, XY_SQUARES
from toolkit.data.readers.arrays import HDF5, MAT, NPY, NPZ
from toolkit.data.readers.cars3d import CARS3D
from toolkit.data.readers.celeba import CELEBA
from toolkit.data.readers.dsprites import DSPRITES, DSPRITES_NOSHAPE
from toolkit.data.readers.dsprites_imagenet import DSPRITES_IMAGENET
from toolkit.data.readers.dsprites_variants import (
    DSPRITES_ABSTRACT,
    DSPRITES_COLOR,
    DSPRITES_NOISY,
    DSPRITES_SCREAM,
)
from toolkit.data.readers.folders import CHAIRS3D, FOLDER
from toolkit.data.readers.grids import MPI3D_REAL, MPI3D_REALISTIC, MPI3D_TOY, SHAPES3D
from toolkit.data.readers.mnist import FASHION_MNIST, MNIST
from toolkit.data.readers.nvidia import FALCOR3D, ISAAC3D
from toolkit.data.readers.small_norb import SMALL_NORB
from toolkit.data.source import Source, build_options
from toolkit.errors import UnknownNameError

DATASETS: dict[str, Source] = {
    "sprites": SPRITES,
    "xy_squares": XY_SQUARES,
    "xy_single_square": XY_SINGLE_SQUARE,
    "x_columns": X_COLUMNS,
    "xy_object": XY_OBJECT,
    "xy_object_shaded": XY_OBJECT_SHADED,
    "xy_blocks": XY_BLOCKS,
    "circle": CIRCLE,
    "mnist": MNIST,
    "fashion_mnist": FASHION_MNIST,
    "dsprites": DSPRITES,
    "dsprites_noshape": DSPRITES_NOSHAPE,
    "dsprites_color": DSPRITES_COLOR,
    "dsprites_noisy": DSPRITES_NOISY,
    "dsprites_scream": DSPRITES_SCREAM,
    "dsprites_abstract": DSPRITES_ABSTRACT,
    "dsprites_imagenet": DSPRITES_IMAGENET,
    "small_norb": SMALL_NORB,
    "cars3d": CARS3D,
    "shapes3d": SHAPES3D,
    "mpi3d_toy": MPI3D_TOY,
    "mpi3d_realistic": MPI3D_REALISTIC,
    "mpi3d_real": MPI3D_REAL,
    "isaac3d": ISAAC3D,
    "falcor3d": FALCOR3D,
    "celeba": CELEBA,
    "chairs3d": CHAIRS3D,
    "folder": FOLDER,
    "npz": NPZ,
    "npy": NPY,
    "hdf5": HDF5,
    "mat": MAT,
}


def load(name: str, root: Path, **options: Any) -> ImageSet:  # noqa: ANN401 - each set has its own
    """The images of a data set.

    Arguments:
        name: a key of `DATASETS`.
        root: the folder with the publisher's files; procedural sets do not look at it.
        options: fields of `DATASETS[name].options`; what is left out has its default.
    """
    if name not in DATASETS:
        raise UnknownNameError("data set", name, DATASETS)
    source = DATASETS[name]
    return source.load(root, build_options(source, name, options))


__all__ = [
    "DATASETS",
    "ImageSet",
    "PreparedData",
    "ProbeSet",
    "Source",
    "load",
    "prepare",
    "read_prepared",
    "write_prepared",
]
