"""Squares, ellipses and hearts over shape, scale, orientation and position, after dSprites.

Matthey, Higgins, Hassabis & Lerchner (2017), https://github.com/deepmind/dsprites-dataset. Drawn
anew from formulas; the geometry is fitted to what models trained on dSprites expect to see.
With `image_size=64, scales=6, orientations=40, positions_x=32, positions_y=32, closed_turn=True`
the factor grid and its order are those of dSprites.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from toolkit.data.images import Factors, Images, ImageSet
from toolkit.data.procedural.grid import Grid
from toolkit.data.selection import Selection
from toolkit.data.source import Source

# Lengths are shares of the image's side; odd digits keep outlines off the pixel centres, where
# the last bit of a cosine would decide, so that every machine draws the same bytes.
HALF_SQUARE = 0.13517
ELLIPSE = (0.17903, 0.10131)
LOBE_RADIUS, LOBE_OFFSET, LOBE_HEIGHT, TIP = 0.08401, 0.06547, 0.05153, 0.15397
FIRST, LAST = 0.25771, 0.74193  # of the centres
REACH = 0.2  # no outline is farther from its centre
SMALLEST = 0.5
SUBPIXELS = 4
FINE = (np.arange(SUBPIXELS) + 0.5) / SUBPIXELS  # their centres, in pixels
FARTHEST = 0.5304  # pixels from a pixel's centre to the farthest of them: 3/8 of the diagonal
POINTS = 1 << 18  # that are drawn at a time: a few megabytes, near the processor


@dataclass(frozen=True, kw_only=True)
class SpritesOptions(Selection):
    """How large the grid and its images are.

    Arguments:
        image_size: pixels a side.
        shapes: 1 to 3 of square, ellipse, heart.
        scales: steps from half to whole size.
        orientations: steps of a whole turn.
        positions_x, positions_y: steps from left to right, from top to bottom.
        antialias: grey outlines instead of black and white.
        closed_turn: the last orientation repeats the first one (2π = 0), as in dSprites.
    """

    image_size: Annotated[int, Ge(8), Le(512)] = 32
    shapes: Annotated[int, Ge(1), Le(3)] = 3
    scales: Annotated[int, Ge(1), Le(64)] = 4
    orientations: Annotated[int, Ge(1), Le(360)] = 8
    positions_x: Annotated[int, Ge(1), Le(512)] = 11
    positions_y: Annotated[int, Ge(1), Le(512)] = 11
    antialias: bool = False
    closed_turn: bool = False


def sprites_grid(options: SpritesOptions) -> Grid:
    """The grid that `options` describe; its images are drawn when asked for.

    >>> grid = sprites_grid(SpritesOptions())
    >>> len(grid), np.unique(grid.images_at(np.array([0, 11615]))).tolist()
    (11616, [0, 255])
    """
    return Grid(
        factors=(
            ("shape", options.shapes),
            ("scale", options.scales),
            ("orientation", options.orientations),
            ("position_x", options.positions_x),
            ("position_y", options.positions_y),
        ),
        image_shape=(1, options.image_size, options.image_size),
        render=partial(draw_sprites, options=options),
    )


def draw_sprites(factors: Factors, *, options: SpritesOptions) -> Images:
    """Images (m, 1, h, w) of factor values (m, 5): white on black."""
    window = 2 * int(np.ceil(REACH * options.image_size)) + 2
    rows = max(1, POINTS // window**2 // (SUBPIXELS if options.antialias else 1))
    images = np.empty((len(factors), 1, options.image_size, options.image_size), dtype=np.uint8)
    for start in range(0, len(factors), rows):
        part = factors[start : start + rows]
        images[start : start + rows] = _draw(part, options, window=window)
    return images


def _draw(factors: Factors, options: SpritesOptions, *, window: int) -> Images:
    # Geometry per sprite
    shape = factors[:, 0]
    scale = np.linspace(1, SMALLEST, options.scales)[::-1][factors[:, 1]]
    turns = np.linspace(0, 2 * np.pi, options.orientations, endpoint=options.closed_turn)
    angle = turns[factors[:, 2]]
    x, y = (
        np.linspace(FIRST, LAST, n)[factors[:, j]] if n > 1 else np.full(len(factors), 0.5)
        for j, n in ((3, options.positions_x), (4, options.positions_y))
    )
    # Pixels of its window
    side = options.image_size
    left, top = (np.floor(centre * side).astype(np.int64) - window // 2 for centre in (x, y))
    steps = np.arange(window) + 0.5
    across = (left[:, None] + steps) / side - x[:, None]
    down = (top[:, None] + steps) / side - y[:, None]
    turn = np.stack([np.cos(angle), np.sin(angle), scale])
    u, v = _turned(across, down, turn)
    grey = np.empty(u.shape, dtype=np.uint8)
    for kind, (covers, distance) in enumerate(OUTLINES):
        chosen = np.flatnonzero(shape == kind)
        grey[chosen] = covers(u[chosen], v[chosen]) * np.uint8(255)
        if options.antialias:  # only a pixel that an outline may cross is looked at more closely
            near = distance(u[chosen], v[chosen]) <= FARTHEST / side / scale[chosen, None, None]
            sprite, row, column = np.nonzero(near)
            which = chosen[sprite]
            across = ((left[which] + column)[:, None] + FINE) / side - x[which, None]
            down = ((top[which] + row)[:, None] + FINE) / side - y[which, None]
            inside = covers(*_turned(across, down, turn[:, which]))
            grey[which, row, column] = inside.sum(axis=(1, 2)) * 255 // SUBPIXELS**2
    # Tiles into black images; what lies outside is black and dropped
    room = np.zeros((len(grey), side + 2 * window, side + 2 * window), dtype=np.uint8)
    rows, columns = ((begin + window)[:, None] + np.arange(window) for begin in (top, left))
    room[np.arange(len(grey))[:, None, None], rows[:, :, None], columns[:, None, :]] = grey
    return room[:, None, window : window + side, window : window + side]


def _turned(across: np.ndarray, down: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, ...]:
    """Points (m, rows, columns) from the centre, in the upright sprite of whole size."""
    cosine, sine, scale = turn[:, :, None, None]
    u = (cosine * across[:, None, :] + sine * down[:, :, None]) / scale
    v = (cosine * down[:, :, None] - sine * across[:, None, :]) / scale
    return u, v


def in_square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Whether points, in shares of the image's side from the centre, lie in the square."""
    inside: np.ndarray = np.maximum(np.abs(u), np.abs(v)) < HALF_SQUARE
    return inside


def from_square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Distance to the square's outline, or less, from either side of it."""
    distance: np.ndarray = np.abs(np.maximum(np.abs(u), np.abs(v)) - HALF_SQUARE)
    return distance


def in_ellipse(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Whether points lie in the ellipse."""
    return (u / ELLIPSE[0]) ** 2 + (v / ELLIPSE[1]) ** 2 < 1


def from_ellipse(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Distance to the ellipse's outline, or less, from either side of it."""
    distance: np.ndarray = np.abs(np.hypot(u / ELLIPSE[0], v / ELLIPSE[1]) - 1) * min(ELLIPSE)
    return distance


def in_heart(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Whether points lie in the heart: two circles, and the cone from each to the tip below."""
    across, up = np.abs(u), -v + TIP  # the right half; heights above the tip
    height, slant, tangent = _heart_lengths()
    along = (across * LOBE_OFFSET + up * height) / slant
    aside = np.abs(across * height - up * LOBE_OFFSET) / slant
    cone = (aside < along * LOBE_RADIUS / tangent) & (along < tangent**2 / slant)
    lobe = (across - LOBE_OFFSET) ** 2 + (up - height) ** 2 < LOBE_RADIUS**2
    inside: np.ndarray = cone | lobe
    return inside


def from_heart(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Distance to the heart's outline, or less, from either side of it.

    Each part is negative inside, and changes no faster than the place does.
    """
    across, up = np.abs(u), -v + TIP
    height, slant, tangent = _heart_lengths()
    along = (across * LOBE_OFFSET + up * height) / slant
    aside = np.abs(across * height - up * LOBE_OFFSET) / slant
    sides = (aside * tangent - along * LOBE_RADIUS) / slant  # tangent² + radius² = slant²
    cone = np.maximum(sides, along - tangent**2 / slant)
    lobe = np.hypot(across - LOBE_OFFSET, up - height) - LOBE_RADIUS
    distance: np.ndarray = np.abs(np.minimum(cone, lobe))
    return distance


def _heart_lengths() -> tuple[float, float, float]:
    """From the tip: up to the lobes' centres, straight to one, and along a tangent to its lobe."""
    height = LOBE_HEIGHT + TIP
    slant = np.hypot(LOBE_OFFSET, height)
    return height, slant, np.sqrt(slant**2 - LOBE_RADIUS**2)


OUTLINES = ((in_square, from_square), (in_ellipse, from_ellipse), (in_heart, from_heart))


def load_sprites(root: Path, options: SpritesOptions) -> ImageSet:
    """The whole grid; nothing is read."""
    del root
    return sprites_grid(options).image_set("sprites", selection=options)


SPRITES = Source(
    load=load_sprites,
    options=SpritesOptions,
    grid=sprites_grid,
    about="Squares, ellipses and hearts, white on black; drawn like dSprites, any grid.",
    licence="none needed: computed",
    home="https://github.com/deepmind/dsprites-dataset",
    factors=(
        ("shape", 3),
        ("scale", 4),
        ("orientation", 8),
        ("position_x", 11),
        ("position_y", 11),
    ),
    image_shape=(1, 32, 32),
)
