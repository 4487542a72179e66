"""Squares, one square, and columns."""

from pathlib import Path

import numpy as np
import pytest

from toolkit.data import DATASETS, load
from toolkit.data.procedural.objects import ObjectOptions
from toolkit.data.procedural.squares import (
    SingleSquareOptions,
    SquaresOptions,
    columns_grid,
    first_pixels,
    single_square_grid,
    squares_grid,
)
from toolkit.data.source import build_options
from toolkit.errors import ToolkitError


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        pytest.param(SquaresOptions(), list(range(0, 57, 8)), id="side by side"),
        pytest.param(SquaresOptions(grid_spacing=9), [1, 10, 19, 28, 37, 46, 55], id="with gaps"),
        pytest.param(SquaresOptions(grid_size=2, grid_spacing=1), [27, 28], id="in the middle"),
        pytest.param(SquaresOptions(square_size=64), [0], id="as large as the image"),
    ],
)
def test_places_are_centred(options: SquaresOptions, begins: list[int]) -> None:
    assert first_pixels(options).tolist() == begins


def test_grey_squares_share_a_channel() -> None:
    grid = squares_grid(SquaresOptions(rgb=False, num_squares=2, fill_value=100))
    apart, together = grid.images_at(grid.index_of(np.array([[0, 0, 7, 7], [3, 3, 3, 3]])))
    assert apart.shape == (1, 64, 64)
    assert (np.count_nonzero(apart), np.count_nonzero(together)) == (128, 64)
    assert set(np.unique(apart).tolist()) == {0, 100}


def test_one_square_is_the_first_of_grey_squares() -> None:
    first = single_square_grid(SingleSquareOptions(grid_spacing=4))
    assert first.factors == (("x", 15), ("y", 15))
    many = squares_grid(SquaresOptions(rgb=False, num_squares=1, grid_spacing=4))
    every = np.arange(225)
    np.testing.assert_array_equal(first.images_at(every), many.images_at(every))


def test_columns_are_squares_drawn_to_both_edges() -> None:
    columns, squares = columns_grid(SquaresOptions()), squares_grid(SquaresOptions())
    assert columns.factors == (("x_R", 8), ("x_G", 8), ("x_B", 8))
    every = np.arange(512)
    at = np.zeros((512, 6), dtype=np.int64)
    at[:, ::2] = columns.factors_at(every)
    top_row = squares.images_at(squares.index_of(at))[:, :, 0]
    images = columns.images_at(every)
    assert (images == top_row[:, :, None, :]).all()


def test_squares_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        SquaresOptions(square_size=65)
    assert str(caught.value) == (
        "squares of 65 pixels do not fit images of 64. Lower `square_size` or raise `image_size`."
    )
    with pytest.raises(ToolkitError) as caught:
        ObjectOptions(max_square_size=65)
    assert str(caught.value) == (
        "squares of 7 to 65 pixels do not fit images of 64: "
        "the smallest is at most the largest, and that at most `grid_size`."
    )
    with pytest.raises(ToolkitError) as caught:
        ObjectOptions(rgb=False)
    assert str(caught.value) == (
        "grey images cannot show the palette 'rainbow_4'. Set `palette: greys_4`, or `rgb: true`."
    )


@pytest.mark.parametrize("name", [name for name, row in DATASETS.items() if row.procedural])
def test_the_table_says_what_a_procedural_set_is(name: str) -> None:
    row = DATASETS[name]
    options = {} if name == "circle" else {"limit": 60}
    image_set = load(name, Path(), **options)
    assert image_set.name == name
    assert image_set.image_shape == row.image_shape
    assert tuple(zip(image_set.factor_names, image_set.factor_sizes, strict=True)) == row.factors
    assert load(name, Path(), **options).digest == image_set.digest
    assert build_options(row, name, {}) == row.options()
