"""Isaac3D and Falcor3D: numbered pictures beside a table of factor values.

Nie et al., "Semi-supervised StyleGAN for disentanglement learning" (2020),
https://arxiv.org/abs/2003.03461
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from PIL import Image

from toolkit.data.images import Factors, ImageSet
from toolkit.data.readers.formats.decoding import Look
from toolkit.data.readers.formats.opening import find, reading
from toolkit.data.readers.formats.pictures import open_album, read_pictures
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

HOME = "https://github.com/NVlabs/High-res-disentanglement-datasets"
ISAAC3D_FACTORS = (
    ("object_shape", 3),
    ("robot_x", 8),
    ("robot_y", 5),
    ("camera_height", 4),
    ("object_scale", 4),
    ("light_intensity", 4),
    ("light_y_dir", 6),
    ("object_color", 4),
    ("wall_color", 4),
)
FALCOR3D_FACTORS = (
    ("lighting_intensity", 5),
    ("lighting_x", 6),
    ("lighting_y", 6),
    ("lighting_z", 6),
    ("camera_x", 6),
    ("camera_y", 6),
    ("camera_z", 6),
)


@dataclass(frozen=True, kw_only=True)
class NvidiaOptions(Selection):
    """Which images, and how large (bicubic)."""

    image_size: Annotated[int, Ge(8), Le(1024)] = 64


def load_nvidia(
    root: Path,
    options: NvidiaOptions,
    *,
    name: str,
    table: str,
    factors: tuple[tuple[str, int], ...],
) -> ImageSet:
    """Pictures in number order; a factor's value is the rank of the number in its column."""
    label_path = find(root, [table, f"{name}/{table}"], home=HOME)
    folder = find(label_path.parent, ["images", "images.zip"], home=HOME)
    values = read_ranks(label_path, factors=factors)
    with open_album(folder) as album:
        if len(album.names) != len(values):
            raise ToolkitError(
                f"{folder} holds {len(album.names)} pictures but {label_path} {len(values)} rows. "
                "Unpack the archive again."
            )
        indices = options.indices(len(values))
        look = Look(size=options.image_size, channels=3, resample=Image.Resampling.BICUBIC)
        images = read_pictures(album, indices, look)
    return ImageSet(
        name=name,
        images=images,
        factors=values[indices],
        factor_names=tuple(factor for factor, _ in factors),
        factor_sizes=tuple(size for _, size in factors),
    )


def read_ranks(path: Path, *, factors: tuple[tuple[str, int], ...]) -> Factors:
    """Factor values (n, k) from a NumPy table of numbers: 0 for the least number of a column."""
    with reading(path, kind="NumPy table"):
        table = np.load(path, allow_pickle=False)
    if table.ndim != 2 or table.shape[1] != len(factors):
        raise ToolkitError(
            f"{path} holds a table of shape {table.shape}; expected a column for each of "
            f"{', '.join(name for name, _ in factors)}."
        )
    values = np.empty(table.shape, dtype=np.int64)
    for column, (name, size) in enumerate(factors):
        levels, values[:, column] = np.unique(table[:, column], return_inverse=True)
        if len(levels) != size:
            raise ToolkitError(
                f"{path} has {len(levels)} values of {name} in column {column}; expected {size}. "
                "Download it again."
            )
    count = int(np.prod([size for _, size in factors]))
    if len(np.unique(values, axis=0)) != len(values) or len(values) != count:
        raise ToolkitError(
            f"{path} does not list each of the {count} combinations once, in {len(values)} rows. "
            "Download it again."
        )
    return values


def _source(name: str, table: str, *, about: str, factors: tuple[tuple[str, int], ...]) -> Source:
    return Source(
        load=partial(load_nvidia, name=name, table=table, factors=factors),
        options=NvidiaOptions,
        about=about,
        licence="CC BY-NC-SA 4.0 (NVIDIA)",
        home=HOME,
        files=(ExpectedFile(name="images"), ExpectedFile(name=table)),
        factors=factors,
        image_shape=(3, 64, 64),
    )


ISAAC3D = _source(
    "isaac3d",
    "labels.npy",
    about="737,280 renderings of a robot arm in a kitchen.",
    factors=ISAAC3D_FACTORS,
)
FALCOR3D = _source(
    "falcor3d",
    "train-rec.labels",
    about="233,280 renderings of a living room under moving light and camera.",
    factors=FALCOR3D_FACTORS,
)
