"""Squares (or columns) that move on a grid, one a colour channel.

XYSquares of Michlo's disent: the images of two steps of a square overlap only where the grid is
finer than the square, so pixels tell nothing of the distance between factors.
Michlo, Klein & James, "Overlooked implications of the reconstruction loss for VAE
disentanglement" (2022), https://arxiv.org/abs/2202.13341
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from toolkit.data.images import Factors, Images
from toolkit.data.procedural.grid import Grid, load_grid
from toolkit.data.selection import Selection
from toolkit.data.source import Source
from toolkit.errors import ToolkitError

COLOURS = "RGB"
HOME = "https://github.com/nmichlo/disent"


@dataclass(frozen=True, kw_only=True)
class SquaresOptions(Selection):
    """Sizes in pixels.

    Arguments:
        square_size: side of a square (width of a column).
        image_size: side of the image.
        grid_size: at most so many places a direction; 0 = as many as fit.
        grid_spacing: from place to place; 0 = the square's size, so that places do not overlap.
        num_squares: how many move.
        rgb: a colour channel each; else all in one grey channel.
        fill_value: the brightness of a square.
    """

    square_size: Annotated[int, Ge(1), Le(512)] = 8
    image_size: Annotated[int, Ge(8), Le(512)] = 64
    grid_size: Annotated[int, Ge(0), Le(512)] = 0
    grid_spacing: Annotated[int, Ge(0), Le(512)] = 0
    num_squares: Annotated[int, Ge(1), Le(3)] = 3
    rgb: bool = True
    fill_value: Annotated[int, Ge(1), Le(255)] = 255

    def __post_init__(self) -> None:
        if self.square_size > self.image_size:
            raise ToolkitError(
                f"squares of {self.square_size} pixels do not fit images of {self.image_size}. "
                "Lower `square_size` or raise `image_size`."
            )


def first_pixels(options: SquaresOptions) -> np.ndarray:
    """Where a square can begin, in pixels; the grid is centred in the image.

    >>> first_pixels(SquaresOptions(grid_size=3, grid_spacing=4)).tolist()
    [24, 28, 32]
    """
    spacing = options.grid_spacing or options.square_size
    count = (options.image_size - options.square_size) // spacing + 1
    if options.grid_size:
        count = min(count, options.grid_size)
    taken = options.square_size + (count - 1) * spacing
    return (options.image_size - taken) // 2 + spacing * np.arange(count)


def draw_squares(factors: Factors, *, options: SquaresOptions) -> Images:
    """Images (m, c, h, w) of places (m, 2 · squares): x, y of each square."""
    images = _black(len(factors), options)
    corners = first_pixels(options)[factors]
    for image, corner in zip(images, corners.tolist(), strict=True):
        for square in range(options.num_squares):
            x, y = corner[2 * square : 2 * square + 2]
            channel = square if options.rgb else 0
            rows, columns = slice(y, y + options.square_size), slice(x, x + options.square_size)
            image[channel, rows, columns] = options.fill_value
    return images


def draw_columns(factors: Factors, *, options: SquaresOptions) -> Images:
    """Images (m, c, h, w) of places (m, squares): x of each column, as high as the image."""
    images = _black(len(factors), options)
    for image, lefts in zip(images, first_pixels(options)[factors].tolist(), strict=True):
        for column, left in enumerate(lefts):
            channel = column if options.rgb else 0
            image[channel, :, left : left + options.square_size] = options.fill_value
    return images


def _black(count: int, options: SquaresOptions) -> Images:
    side = options.image_size
    return np.zeros((count, 3 if options.rgb else 1, side, side), dtype=np.uint8)


def squares_grid(options: SquaresOptions) -> Grid:
    """Every placement of the squares.

    >>> grid = squares_grid(SquaresOptions())
    >>> len(grid), int(grid.images_at(np.array([0])).sum()) == 3 * 64 * 255
    (262144, True)
    """
    count = len(first_pixels(options))
    names = [f"{axis}_{COLOURS[i]}" for i in range(options.num_squares) for axis in "xy"]
    return _grid(options, [(name, count) for name in names], draw_squares)


def columns_grid(options: SquaresOptions) -> Grid:
    """Every placement of the columns.

    >>> len(columns_grid(SquaresOptions()))
    512
    """
    count = len(first_pixels(options))
    names = [f"x_{COLOURS[i]}" for i in range(options.num_squares)]
    return _grid(options, [(name, count) for name in names], draw_columns)


def _grid(
    options: SquaresOptions, factors: list[tuple[str, int]], draw: Callable[..., Images]
) -> Grid:
    return Grid(
        factors=tuple(factors),
        image_shape=(3 if options.rgb else 1, options.image_size, options.image_size),
        render=partial(draw, options=options),
    )


@dataclass(frozen=True, kw_only=True)
class SingleSquareOptions(Selection):
    """As `SquaresOptions`, for one grey square."""

    square_size: Annotated[int, Ge(1), Le(512)] = 8
    image_size: Annotated[int, Ge(8), Le(512)] = 64
    grid_size: Annotated[int, Ge(0), Le(512)] = 0
    grid_spacing: Annotated[int, Ge(0), Le(512)] = 0
    fill_value: Annotated[int, Ge(1), Le(255)] = 255


def single_square_grid(options: SingleSquareOptions) -> Grid:
    """Every placement of the one square; its factors are x and y.

    >>> single_square_grid(SingleSquareOptions()).factors
    (('x', 8), ('y', 8))
    """
    grid = squares_grid(SquaresOptions(**vars(options), num_squares=1, rgb=False))
    return replace(grid, factors=tuple((name[0], size) for name, size in grid.factors))


XY_SQUARES = Source(
    load=partial(load_grid, name="xy_squares", grid=squares_grid),
    options=SquaresOptions,
    grid=squares_grid,
    about="Three squares, red, green and blue, each anywhere on a grid of 8 × 8.",
    licence="none needed: computed",
    home=HOME,
    factors=tuple((f"{axis}_{colour}", 8) for colour in COLOURS for axis in "xy"),
    image_shape=(3, 64, 64),
)
XY_SINGLE_SQUARE = Source(
    load=partial(load_grid, name="xy_single_square", grid=single_square_grid),
    options=SingleSquareOptions,
    grid=single_square_grid,
    about="One white square anywhere on a grid of 8 × 8.",
    licence="none needed: computed",
    home=HOME,
    factors=(("x", 8), ("y", 8)),
    image_shape=(1, 64, 64),
)
X_COLUMNS = Source(
    load=partial(load_grid, name="x_columns", grid=columns_grid),
    options=SquaresOptions,
    grid=columns_grid,
    about="Three columns, red, green and blue, each at one of 8 places.",
    licence="none needed: computed",
    home=HOME,
    factors=tuple((f"x_{colour}", 8) for colour in COLOURS),
    image_shape=(3, 64, 64),
)
