"""CelebA: faces of celebrities, and forty attributes that are there or not.

Liu, Luo, Wang & Tang (2015), https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from toolkit.data.images import Factors, ImageSet
from toolkit.data.readers.formats.decoding import Look
from toolkit.data.readers.formats.opening import find, reading
from toolkit.data.readers.formats.pictures import open_album, read_pictures
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

HOME = "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
PLACES = ("img_align_celeba", "img_align_celeba.zip")
TABLES = ("list_attr_celeba.txt", "Anno/list_attr_celeba.txt")
COUNT = 202_599


@dataclass(frozen=True, kw_only=True)
class CelebaOptions(Selection):
    """Which faces, and how they are cut.

    Arguments:
        image_size: pixels a side after resizing (Lanczos).
        crop: side of the square cut from the centre of the 178 × 218 pixels; 0 squeezes the
            whole picture, as disentangling-vae does.
        attributes: read the forty attributes as factors of two values.
    """

    image_size: Annotated[int, Ge(8), Le(218)] = 64
    crop: Annotated[int, Ge(0), Le(178)] = 148
    attributes: bool = False


def load_celeba(root: Path, options: CelebaOptions, *, count: int = COUNT) -> ImageSet:
    """Faces in the order of their file names."""
    with open_album(find(root, PLACES, home=HOME)) as album:
        if len(album.names) != count:
            raise ToolkitError(
                f"{album.path} holds {len(album.names)} pictures; CelebA has {count}. "
                f"Download it again from {HOME}"
            )
        indices = options.indices(count)
        look = Look(size=options.image_size, channels=3, crop=options.crop)
        # Attributes as factors
        factors: Factors | None = None
        names: tuple[str, ...] = ()
        if options.attributes:
            table = find(root, TABLES, home=HOME)
            names, rows = read_attributes(table)
            files = [Path(name).name for name in album.names]
            if sorted(rows) != sorted(files):
                raise ToolkitError(
                    f"{table} lists {len(rows)} pictures, and not the {len(files)} that "
                    f"{album.path} holds. Take both from one release."
                )
            factors = np.array([rows[files[index]] for index in indices.tolist()], dtype=np.int64)
        images = read_pictures(album, indices, look)
    return ImageSet(
        name="celeba",
        images=images,
        factors=factors,
        factor_names=names,
        factor_sizes=(2,) * len(names),
    )


def read_attributes(path: Path) -> tuple[tuple[str, ...], dict[str, list[int]]]:
    """Names, and for each file 0 or 1 a name, from the publisher's text: -1 means 0."""
    with reading(path, kind="attribute table"):
        lines = path.read_text(encoding="ascii").splitlines()
        announced, names = int(lines[0]), tuple(lines[1].split())
        rows: dict[str, list[int]] = {}
        for line in filter(str.strip, lines[2:]):
            file, *values = line.split()
            if len(values) != len(names) or not set(values) <= {"1", "-1"}:
                raise ValueError(f"the row of {file} is not {len(names)} times 1 or -1")
            rows[file] = [int(value == "1") for value in values]
        if len(rows) != announced:
            raise ValueError(f"it announces {announced} pictures and lists {len(rows)}")
    return names, rows


CELEBA = Source(
    load=load_celeba,
    options=CelebaOptions,
    about="202,599 faces of celebrities, 178 × 218, with forty attributes on request.",
    licence="non-commercial research only (CUHK)",
    home=HOME,
    files=(ExpectedFile(name=PLACES[1]), ExpectedFile(name=TABLES[0])),
    image_shape=(3, 64, 64),
)
