"""Grids: numbers, factors, and images on demand."""

import numpy as np
import pytest

from toolkit.data.images import BLOCK, Factors, Images
from toolkit.data.procedural.grid import Grid
from toolkit.data.selection import Selection
from toolkit.errors import ToolkitError

calls: list[int] = []


def number(factors: Factors) -> Images:
    """The image of a row is its three digits."""
    calls.append(len(factors))
    return factors[:, :3].astype(np.uint8).reshape(-1, 3, 1, 1)


GRID = Grid(factors=(("a", 7), ("b", 20), ("c", 30)), image_shape=(3, 1, 1), render=number)


def test_the_last_factor_changes_fastest() -> None:
    assert GRID.factors_at(np.array([0, 1, 30, 600, 4199])).tolist() == [
        [0, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
        [6, 19, 29],
    ]


def test_numbers_and_factors_are_inverse() -> None:
    every = np.arange(len(GRID))
    np.testing.assert_array_equal(GRID.index_of(GRID.factors_at(every)), every)


def test_images_are_drawn_when_asked_for_and_in_blocks() -> None:
    calls.clear()
    indices = np.random.default_rng(0).permutation(len(GRID))[:2500]
    images = GRID.images_at(indices)
    assert calls == [BLOCK, BLOCK, 2500 - 2 * BLOCK]
    np.testing.assert_array_equal(images[:, :, 0, 0], GRID.factors_at(indices))


def test_a_part_of_the_grid_is_drawn_by_its_seed() -> None:
    first, other = (
        GRID.image_set("n", selection=Selection(limit=50, limit_seed=seed)) for seed in (0, 1)
    )
    assert len(first) == 50
    assert first.digest != other.digest
    assert first.factors is not None
    assert len({tuple(row) for row in first.factors.tolist()}) == 50
    np.testing.assert_array_equal(first.images[:, :, 0, 0], first.factors)


def test_more_than_there_is_cannot_be_asked_for() -> None:
    with pytest.raises(ToolkitError) as caught:
        Selection(limit=11).indices(10)
    assert str(caught.value) == (
        "`limit` asks for 11 images of a data set of 10. "
        "Set it to at most 10, or to 0 for all of them."
    )
    with pytest.raises(ToolkitError) as caught:
        GRID.factors_at(np.array([0, 4200]))
    assert str(caught.value) == (
        "images 0 to 4200 were asked of a grid of 4200; they are numbered 0 to 4199."
    )
