"""dSprites in colour, in noise, before a picture, and in flat colours.

Locatello et al. (2019), https://arxiv.org/abs/1811.12359, draw the colours and noise anew each
time an image is asked for. Here they are a function of a seed and the image's number, so that
two members see the same image, and scores of the same images agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge
from jaxtyping import UInt8
from PIL import Image

from toolkit.data.collect import Transform, collect
from toolkit.data.images import Images, ImageSet, Indices, allocate
from toolkit.data.readers import dsprites
from toolkit.data.readers.formats.decoding import Decoder, Look
from toolkit.data.readers.formats.opening import find, reading
from toolkit.data.selection import Selection
from toolkit.data.source import ExpectedFile, Source

SHAPE = (3, dsprites.SIDE, dsprites.SIDE)
SCREAM = ("scream.jpg", "scream.png")
SCREAM_HOME = "https://commons.wikimedia.org/wiki/File:The_Scream.jpg"
BACKGROUNDS = np.array([0, 64, 128, 191, 255], dtype=np.uint8)
OBJECTS = np.array(  # six colours of the HUSL circle: hue from 0.1, saturation 0.7, lightness 0.7
    [
        (232, 150, 93),
        (162, 177, 92),
        (96, 186, 152),
        (101, 180, 201),
        (178, 159, 229),
        (232, 141, 191),
    ],
    dtype=np.uint8,
)
ABSTRACT_FACTORS = (
    ("background", len(BACKGROUNDS)),
    ("object_color", len(OBJECTS)),
    ("shape", 3),
    ("scale", 6),
    ("position_x", 32),
    ("position_y", 32),
)


@dataclass(frozen=True, kw_only=True)
class VariantOptions(Selection):
    """Which images, and the seed of what is random in them."""

    seed: Annotated[int, Ge(0)] = 0


def generator_of(seed: int, index: int) -> np.random.Generator:
    """The random stream of one image: a function of seed and number alone.

    >>> bool(generator_of(3, 14).integers(100) == generator_of(3, 14).integers(100))
    True
    """
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, index]))


def in_colour(masks: np.ndarray, indices: Indices, *, seed: int) -> Images:
    """Each sprite in a colour of its own, no channel darker than a half."""
    colours = [generator_of(seed, i).uniform(0.5, 1, size=3) for i in indices.tolist()]
    ink = np.rint(255 * np.array(colours)).astype(np.uint8)
    return np.where(masks[:, None] > 0, ink[:, :, None, None], np.uint8(0))


def in_noise(masks: np.ndarray, indices: Indices, *, seed: int) -> Images:
    """White sprites before uniform noise."""
    noise = np.stack(
        [
            generator_of(seed, i).integers(0, 256, size=SHAPE, dtype=np.uint8)
            for i in indices.tolist()
        ]
    )
    return np.where(masks[:, None] > 0, np.uint8(255), noise)


def before_picture(
    masks: np.ndarray, indices: Indices, *, seed: int, picture: UInt8[np.ndarray, "3 h w"]
) -> Images:
    """A random cut-out of `picture` in a random tint; the sprite shows its negative."""
    result = np.empty((len(masks), *SHAPE), dtype=np.uint8)
    for image, mask, index in zip(result, masks, indices.tolist(), strict=True):
        generator = generator_of(seed, index)
        top, left = (generator.integers(side - dsprites.SIDE + 1) for side in picture.shape[1:])
        cut = picture[:, top : top + dsprites.SIDE, left : left + dsprites.SIDE]
        tint = generator.uniform(0, 255, size=(3, 1, 1))
        behind = np.rint((cut + tint) / 2).astype(np.uint8)
        image[...] = np.where(mask > 0, 255 - behind, behind)
    return result


def read_scream(root: Path) -> UInt8[np.ndarray, "3 h w"]:
    """The picture behind scream-dSprites, at most 350 × 274 pixels."""
    path = find(root, SCREAM, home=SCREAM_HOME)
    with reading(path, kind="picture"):
        decoded = Decoder(Look(size=0, channels=3)).decode(path.read_bytes(), what=str(path))
        picture = Image.fromarray(np.moveaxis(decoded, 0, -1))
        picture.thumbnail((350, 274))
        if min(picture.size) < dsprites.SIDE:
            raise ValueError(f"{picture.size} pixels are too few")
        return np.asarray(picture).transpose(2, 0, 1)


def load_variant(
    root: Path,
    options: VariantOptions,
    *,
    name: str,
    factors: Sequence[tuple[str, int]] = dsprites.FACTORS,
) -> ImageSet:
    """dSprites with the transform called `name`."""
    transforms: dict[str, Transform] = {
        "dsprites_color": partial(in_colour, seed=options.seed),
        "dsprites_noisy": partial(in_noise, seed=options.seed),
    }
    if name == "dsprites_scream":
        picture = read_scream(root)
        transforms[name] = partial(before_picture, seed=options.seed, picture=picture)
    masks = dsprites.open_masks(root, factors=factors)
    indices = options.indices(len(masks))
    images = collect(masks.blocks(), indices, shape=SHAPE, transform=transforms[name])
    return ImageSet(
        name=name,
        images=images,
        factors=masks.factors_at(indices),
        factor_names=tuple(factor for factor, _ in factors),
        factor_sizes=tuple(size for _, size in factors),
    )


def load_abstract(
    root: Path,
    options: VariantOptions,
    *,
    factors: Sequence[tuple[str, int]] = dsprites.FACTORS,
) -> ImageSet:
    """Flat sprites on flat grounds; the orientation is random and no factor."""
    masks = dsprites.open_masks(root, factors=factors)
    kept = tuple(item for item in factors if item[0] != "orientation")
    names = (*ABSTRACT_FACTORS[:2], *kept)
    sizes = tuple(size for _, size in names)
    indices = options.indices(int(np.prod(sizes)))
    values = np.stack(np.unravel_index(indices, sizes), axis=1)
    turns = masks.sizes[2]
    turn = [int(generator_of(options.seed, i).integers(turns)) for i in indices.tolist()]
    ours = np.insert(values[:, 2:], 2, turn, axis=1)
    base = np.ravel_multi_index(tuple(ours.T), masks.sizes)
    needed, where = np.unique(base, return_inverse=True)
    sprites = masks.images_at(needed)
    images = allocate((len(indices), *SHAPE))
    for image, row, at in zip(images, values, where, strict=True):
        ink, ground = OBJECTS[row[1], :, None, None], BACKGROUNDS[row[0]]
        image[...] = np.where(sprites[at] > 0, ink, ground)
    return ImageSet(
        name="dsprites_abstract",
        images=images,
        factors=values,
        factor_names=tuple(factor for factor, _ in names),
        factor_sizes=sizes,
    )


def _source(name: str, about: str, *, files: tuple[ExpectedFile, ...] = ()) -> Source:
    return Source(
        load=partial(load_variant, name=name),
        options=VariantOptions,
        about=about,
        licence=dsprites.LICENCE,
        home=dsprites.HOME,
        files=(*dsprites.FILES, *files),
        factors=dsprites.FACTORS,
        image_shape=SHAPE,
    )


DSPRITES_COLOR = _source("dsprites_color", "dSprites, each sprite in a random colour.")
DSPRITES_NOISY = _source("dsprites_noisy", "dSprites, white before uniform colour noise.")
DSPRITES_SCREAM = _source(
    "dsprites_scream",
    "dSprites as the negative of tinted cut-outs of Munch's The Scream.",
    files=(ExpectedFile(name=SCREAM[0]),),
)
DSPRITES_ABSTRACT = Source(
    load=load_abstract,
    options=VariantOptions,
    about="dSprites in six colours on five greys; orientation is random.",
    licence=dsprites.LICENCE,
    home=dsprites.HOME,
    files=dsprites.FILES,
    factors=ABSTRACT_FACTORS,
    image_shape=SHAPE,
)
