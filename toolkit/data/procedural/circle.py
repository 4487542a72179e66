"""Points of a circle, SO(2): the smallest data set whose one factor has no ends.

Murphy, Dillavou & Bassett (2025), https://arxiv.org/abs/2405.21042, train weak learners on the
points themselves; `circle_points` gives these, `circle` a picture of a disc at each of them.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from jaxtyping import Float64

from toolkit.data.images import Factors, Images, ImageSet
from toolkit.data.procedural.grid import Grid
from toolkit.data.source import Source

RADIUS = 0.35003  # shares of the image's side
SUBPIXELS = 4


@dataclass(frozen=True, kw_only=True)
class CircleOptions:
    """How many angles, and how they look.

    Arguments:
        angles: how many, evenly spaced over a whole turn.
        image_size: pixels a side.
        disc: radius of the disc, a share of the image's side.
    """

    angles: Annotated[int, Ge(1), Le(100_000)] = 200
    image_size: Annotated[int, Ge(8), Le(512)] = 32
    disc: Annotated[float, Gt(0), Le(0.15)] = 0.1


def circle_points(count: int) -> Float64[np.ndarray, "{count} 2"]:
    """Points (n, 2) on the unit circle, evenly spaced, the first at (1, 0).

    >>> circle_points(4).round().tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [-0.0, -1.0]]
    """
    angle = 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def draw_circle(factors: Factors, *, options: CircleOptions) -> Images:
    """Images (m, 1, h, w) of angles (m, 1): a white disc with soft edge on black."""
    side = options.image_size
    centre = 0.5 + RADIUS * circle_points(options.angles)[factors[:, 0]]
    line = (np.arange(side * SUBPIXELS) + 0.5) / (side * SUBPIXELS)
    across, down = ((line - centre[:, axis, None]) ** 2 for axis in (0, 1))
    inside = down[:, :, None] + across[:, None, :] < options.disc**2
    cells = inside.reshape(len(factors), 1, side, SUBPIXELS, side, SUBPIXELS)
    covered: Images = (cells.sum(axis=(3, 5)) * 255 // SUBPIXELS**2).astype(np.uint8)
    return covered


def circle_grid(options: CircleOptions) -> Grid:
    """A picture for every angle.

    >>> circle_grid(CircleOptions(angles=12)).sizes
    (12,)
    """
    return Grid(
        factors=(("angle", options.angles),),
        image_shape=(1, options.image_size, options.image_size),
        render=partial(draw_circle, options=options),
    )


def load_circle(root: Path, options: CircleOptions) -> ImageSet:
    """A picture for every angle; nothing is read."""
    del root
    return circle_grid(options).image_set("circle")


CIRCLE = Source(
    load=load_circle,
    options=CircleOptions,
    grid=circle_grid,
    about="A disc that goes around a circle: one periodic factor.",
    licence="none needed: computed",
    home="https://github.com/murphyka/representation-space-info-comparison",
    factors=(("angle", 200),),
    image_shape=(1, 32, 32),
)
