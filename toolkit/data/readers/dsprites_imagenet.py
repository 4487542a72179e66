"""dSprites on natural pictures: Tiny-ImageNet shows in the ground or in the sprite.

Michlo (2022), https://github.com/nmichlo/disent. Which picture goes with which sprite is
drawn once for all, by the seed 42 that disent uses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from toolkit.data.collect import collect
from toolkit.data.images import Images, ImageSet, Indices
from toolkit.data.readers import dsprites
from toolkit.data.readers.formats.decoding import Look
from toolkit.data.readers.formats.opening import find
from toolkit.data.readers.formats.pictures import Album, open_album, read_pictures
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source
from toolkit.errors import ToolkitError

SHAPE = (3, dsprites.SIDE, dsprites.SIDE)
COUNT = 100_000
ORDER_SEED = 42
HOME = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
PLACES = ("tiny-imagenet-200.zip", "tiny-imagenet-200")


@dataclass(frozen=True, kw_only=True)
class ImagenetOptions(Selection):
    """How the picture shows.

    Arguments:
        where: the picture is the background (white sprite) or the foreground (black ground).
        visibility: in percent; 0 gives grey dSprites with three channels.
    """

    where: Literal["background", "foreground"] = "background"
    visibility: Annotated[int, Ge(0), Le(100)] = 100


def picture_order(count: int, *, pictures: int) -> Indices:
    """For each of `count` sprites, the number of its picture; with repeats, by a fixed seed."""
    return np.random.Generator(np.random.PCG64(ORDER_SEED)).choice(pictures, count, replace=True)


def blend(masks: np.ndarray, pictures: Images, *, where: str, visibility: int) -> Images:
    """Sprites (b, h, w) and pictures (b, 3, h, w) in one image each.

    >>> white = np.full((1, 3, 1, 1), 255, dtype=np.uint8)
    >>> blend(np.zeros((1, 1, 1), np.uint8), white, where="background", visibility=50).max()
    np.uint8(127)
    """
    share, inside = visibility / 100, masks[:, None] > 127
    if where == "background":
        dimmed = (share * pictures).astype(np.uint8)
        return np.where(inside, np.uint8(255), dimmed)
    brightened = (share * pictures + (1 - share) * 255).astype(np.uint8)
    return np.where(inside, brightened, np.uint8(0))


def load_imagenet(
    root: Path,
    options: ImagenetOptions,
    *,
    factors: Sequence[tuple[str, int]] = dsprites.FACTORS,
    count: int = COUNT,
) -> ImageSet:
    """Sprites with the picture that belongs to each."""
    masks = dsprites.open_masks(root, factors=factors)
    indices = options.indices(len(masks))
    order = picture_order(len(masks), pictures=count)
    needed, where = np.unique(order[indices], return_inverse=True)
    with open_album(find(root, PLACES, home=HOME)) as album:
        names = tuple(name for name in album.names if "train/" in name)
        if len(names) != count:
            raise ToolkitError(
                f"{album.path} holds {len(names)} training pictures; Tiny-ImageNet has {count}. "
                f"Download it again from {HOME}"
            )
        training = Album(path=album.path, names=names, content=album.content)
        pictures = read_pictures(training, needed, Look(size=0, channels=3))
    if pictures.shape[1:] != SHAPE:
        raise ToolkitError(
            f"{album.path} holds pictures of shape {pictures.shape[1:]}; Tiny-ImageNet has {SHAPE}."
        )

    def transform(rows: np.ndarray, at: Indices) -> Images:
        behind = pictures[where[np.searchsorted(indices, at)]]
        return blend(rows, behind, where=options.where, visibility=options.visibility)

    return ImageSet(
        name="dsprites_imagenet",
        images=collect(masks.blocks(), indices, shape=SHAPE, transform=transform),
        factors=masks.factors_at(indices),
        factor_names=tuple(factor for factor, _ in factors),
        factor_sizes=tuple(size for _, size in factors),
    )


DSPRITES_IMAGENET = Source(
    load=load_imagenet,
    options=ImagenetOptions,
    about="dSprites on (or cut out of) Tiny-ImageNet pictures, at any visibility.",
    licence=f"{dsprites.LICENCE}; pictures: ImageNet, research only",
    home=HOME,
    files=(*dsprites.FILES, ExpectedFile(name=PLACES[0])),
    factors=dsprites.FACTORS,
    image_shape=SHAPE,
)
