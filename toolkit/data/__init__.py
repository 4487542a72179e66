"""Data sets: images, known factors, splits and probe sets.

>>> load("sprites", Path(), scales=1, orientations=1, positions_x=2, positions_y=2).images.shape
(12, 1, 32, 32)
"""

from pathlib import Path
from typing import Any

from toolkit.data.images import ImageSet
from toolkit.data.prepared import PreparedData, prepare, read_prepared, write_prepared
from toolkit.data.probe import ProbeSet
from toolkit.data.procedural.sprites import SPRITES
from toolkit.data.readers.mnist import FASHION_MNIST, MNIST
from toolkit.data.source import Source, build_options
from toolkit.errors import UnknownNameError

DATASETS: dict[str, Source] = {
    "sprites": SPRITES,
    "mnist": MNIST,
    "fashion_mnist": FASHION_MNIST,
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
