"""3D chairs, and any folder, zip or tar of pictures.

Chairs: Aubry, Maturana, Efros, Russell & Sivic (2014), https://www.di.ens.fr/willow/research/seeing3Dchairs/
"""

import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from toolkit.data.images import Factors, ImageSet
from toolkit.data.readers.formats.decoding import WHITE, Look
from toolkit.data.readers.formats.opening import find, own_files
from toolkit.data.readers.formats.pictures import Album, open_album, read_pictures
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

CHAIRS_HOME = "https://www.di.ens.fr/willow/research/seeing3Dchairs/"
CHAIRS_PLACES = ("rendered_chairs", "rendered_chairs.tar", "rendered_chairs.zip")
CHAIRS_FACTORS = (("chair", 1393), ("elevation", 2), ("azimuth", 31))
Level = Annotated[int, Ge(0), Le(255)]
VIEW = re.compile(r"([^/]+)/renders/image_\d+_p(\d+)_t(\d+)_r\d+\.png$")


@dataclass(frozen=True, kw_only=True)
class ChairsOptions(Selection):
    """Which pictures, and how large; they are grey.

    Arguments:
        image_size: pixels a side after resizing (Lanczos).
        crop: side of the square cut from the centre of the 600 × 600 pixels; 0 cuts nothing.
    """

    image_size: Annotated[int, Ge(8), Le(600)] = 64
    crop: Annotated[int, Ge(0), Le(600)] = 400


@dataclass(frozen=True, kw_only=True)
class FolderOptions(Selection):
    """How any pictures become images.

    Arguments:
        image_size: pixels a side after resizing (Lanczos); 0 leaves them, and they must be equal.
        crop: side of the square cut from the centre first; 0 cuts nothing.
        channels: 1 for grey, 3 for colour.
        classes: take the first folder of each name as the factor `class`; a folder that holds all
            of them is passed over.
        ground: red, green and blue behind transparent pixels, 0 to 255.
        value_range: the values of black and white in pictures of more than 8 bits per pixel.
        first_frame: take the first frame of a file that holds several.
    """

    image_size: Annotated[int, Ge(0), Le(1024)] = 64
    crop: Annotated[int, Ge(0), Le(8192)] = 0
    channels: Literal[1, 3] = 3
    classes: bool = False
    ground: tuple[Level, Level, Level] = WHITE
    value_range: tuple[float, float] | None = None
    first_frame: bool = False


def load_chairs(
    root: Path,
    options: ChairsOptions,
    *,
    factors: tuple[tuple[str, int], ...] = CHAIRS_FACTORS,
) -> ImageSet:
    """Every chair from 31 sides at two heights, in the order of the file names."""
    with open_album(find(root, CHAIRS_PLACES, home=CHAIRS_HOME)) as album:
        values = _views(album, factors)
        indices = options.indices(len(values))
        look = Look(size=options.image_size, channels=1, crop=options.crop)
        images = read_pictures(album, indices, look)
    return ImageSet(
        name="chairs3d",
        images=images,
        factors=values[indices],
        factor_names=tuple(name for name, _ in factors),
        factor_sizes=tuple(size for _, size in factors),
    )


def _views(album: Album, factors: tuple[tuple[str, int], ...]) -> Factors:
    found = [VIEW.search(name) for name in album.names]
    strange = [name for name, match in zip(album.names, found, strict=True) if not match]
    if strange:
        raise ToolkitError(
            f"{album.path} holds {strange[0]!r}; a chair's picture is called like "
            "CHAIR/renders/image_000_p020_t011_r096.png. Take other pictures out of the folder."
        )
    texts = np.array([match.groups() for match in found if match])
    columns = [np.unique(column, return_inverse=True) for column in texts.T]
    sizes = tuple(len(levels) for levels, _ in columns)
    expected = tuple(size for _, size in factors)
    values = np.stack([ranks for _, ranks in columns], axis=1)
    if sizes != expected or len(values) != np.prod(expected):
        raise ToolkitError(
            f"{album.path} holds {len(values)} pictures of {' × '.join(map(str, sizes))} chairs, "
            f"heights and sides; expected {' × '.join(map(str, expected))}. Download it again."
        )
    return values


def load_folder(root: Path, options: FolderOptions) -> ImageSet:
    """The pictures of `root`, which is a folder, a zip or a tar, in the order of their names."""
    look = Look(
        size=options.image_size,
        channels=options.channels,
        crop=options.crop,
        ground=options.ground,
        value_range=options.value_range,
        first_frame=options.first_frame,
    )
    with own_files(), open_album(root) as album:
        indices = options.indices(len(album.names))
        images = read_pictures(album, indices, look)
    if not options.classes:
        return ImageSet(name="folder", images=images, notes=album.notes)
    classes, ranks = np.unique(_classes(album), return_inverse=True)
    return ImageSet(
        name="folder",
        images=images,
        factors=ranks[indices, None].astype(np.int64),
        factor_names=("class",),
        factor_sizes=(len(classes),),
        notes=album.notes,
    )


def _classes(album: Album) -> list[str]:
    """The folder that each picture lies in, below the folders that all of them share."""
    folders = [PurePosixPath(name).parts[:-1] for name in album.names]
    levels = zip(*folders, strict=False)
    shared = sum(1 for _ in takewhile(lambda parts: len({*parts}) == 1, levels))
    for name, parts in zip(album.names, folders, strict=True):
        if len(parts) == shared:
            remedy = "Put every picture into one, or set `classes: false`."
            if len({*folders}) == 1 and parts:
                raise ToolkitError(
                    f"all pictures of {album.path} lie in one folder, {'/'.join(parts)}, and one "
                    f"class tells nothing. {remedy}"
                )
            raise ToolkitError(f"{album.path / name} lies in no folder of a class. {remedy}")
    return [parts[shared] for parts in folders]


CHAIRS3D = Source(
    load=load_chairs,
    options=ChairsOptions,
    about="86,366 renderings of 1,393 chairs from 31 sides at two heights.",
    licence="research use (INRIA)",
    home=CHAIRS_HOME,
    files=(
        ExpectedFile(name="rendered_chairs.tar", urls=(f"{CHAIRS_HOME}data/rendered_chairs.tar",)),
    ),
    factors=CHAIRS_FACTORS,
    image_shape=(1, 64, 64),
)
FOLDER = Source(
    load=load_folder,
    options=FolderOptions,
    about="Any folder, zip or tar of pictures; the first folder of a name can be its class.",
    licence="yours",
    home="docs/data.md",
    files=(ExpectedFile(name="any pictures"),),
    image_shape=(3, 64, 64),
)
