"""Blocks of three sizes that cancel where they lie on their own colour: XYBlocks.

Michlo (2022), research code of https://github.com/nmichlo/disent: level by level, a block is
drawn in its colour unless the pixel at its top left has that colour already; then it is
drawn black.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toolkit.data.images import Factors, Images, ImageSet
from toolkit.data.procedural.grid import Grid
from toolkit.data.selection import Selection
from toolkit.data.source import Source

SIDE = 64
DIVISIONS = (2, 4, 8)
COLOURS = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255)], dtype=np.uint8)
FACTORS = (
    *((f"color-{n}", len(COLOURS)) for n in DIVISIONS),
    *((f"{axis}-{n}", n) for axis in "xy" for n in DIVISIONS),
)


@dataclass(frozen=True, kw_only=True)
class BlocksOptions(Selection):
    """Only which images to take."""


def draw_blocks(factors: Factors) -> Images:
    """Images (m, 3, 64, 64) of factor values (m, 9): three colours, three x, three y.

    >>> bool(draw_blocks(np.zeros((1, 9), dtype=np.int64)).any())
    True
    """
    images = np.zeros((len(factors), 3, SIDE, SIDE), dtype=np.uint8)
    every = np.arange(len(factors))
    line = np.arange(SIDE)
    for level, divisions in enumerate(DIVISIONS):
        size = SIDE // divisions
        colour = COLOURS[factors[:, level]]
        x, y = factors[:, 3 + level] * size, factors[:, 6 + level] * size
        differs = (images[every, :, y, x] != colour).any(axis=1)
        across, down = ((line // size) == begin[:, None] // size for begin in (x, y))
        mask = down[:, None, :, None] & across[:, None, None, :]
        ink = np.where(differs[:, None], colour, np.uint8(0))
        images = np.where(mask, ink[:, :, None, None], images)
    return images


GRID = Grid(factors=FACTORS, image_shape=(3, SIDE, SIDE), render=draw_blocks)


def load_blocks(root: Path, options: BlocksOptions) -> ImageSet:
    """The whole grid, or some of it; nothing is read."""
    del root
    return GRID.image_set("xy_blocks", selection=options)


XY_BLOCKS = Source(
    load=load_blocks,
    options=BlocksOptions,
    about="Three blocks of 32, 16 and 8 pixels that cancel on their own colour.",
    licence="none needed: computed",
    home="https://github.com/nmichlo/disent",
    factors=FACTORS,
    image_shape=(3, SIDE, SIDE),
)
