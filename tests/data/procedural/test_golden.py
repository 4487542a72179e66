"""Squares and objects are those of disent, byte for byte.

The digests were made by running disent (tests/golden/datasets.json): bytes of all images,
height × width × channels, in index order.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit.data.images import Images
from toolkit.data.procedural.grid import Grid
from toolkit.data.procedural.objects import ObjectOptions, object_grid, shaded_grid
from toolkit.data.procedural.squares import SquaresOptions, squares_grid

GOLDEN = Path(__file__).parents[2] / "golden"
SAID = json.loads((GOLDEN / "datasets.json").read_text())


def grid_called(name: str) -> Grid:
    if name.startswith("xysquares"):
        return squares_grid(SquaresOptions(**SAID[name]["kwargs"]))
    build = shaded_grid if "shaded" in name else object_grid
    return build(ObjectOptions(**SAID[name]["kwargs"]))


def digest_and_sum(grid: Grid, indices: np.ndarray) -> tuple[str, int]:
    state, total = hashlib.sha256(), 0
    for part in np.array_split(indices, max(1, len(indices) // 2048)):
        images = channels_last(grid.images_at(part))
        state.update(images.data)
        total += int(images.sum())
    return state.hexdigest(), total


def channels_last(images: Images) -> np.ndarray:
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1))


@pytest.mark.parametrize("name", SAID)
def test_factors_and_sizes_are_those_of_disent(name: str) -> None:
    grid, said = grid_called(name), SAID[name]
    assert [factor for factor, _ in grid.factors] == said["factor_names"]
    assert list(grid.sizes) == said["factor_sizes"]
    assert len(grid) == said["num_images"]
    channels, height, width = grid.image_shape
    assert [height, width, channels] == said["img_shape"]


@pytest.mark.parametrize("name", SAID)
def test_twelve_images_are_those_of_disent(name: str) -> None:
    grid = grid_called(name)
    with np.load(GOLDEN / "datasets.npz") as golden:
        indices = golden[f"{name}_index"]
        np.testing.assert_array_equal(grid.factors_at(indices), golden[f"{name}_factors"])
        np.testing.assert_array_equal(
            channels_last(grid.images_at(indices)), golden[f"{name}_images"]
        )
        np.testing.assert_array_equal(
            grid.index_of(golden[f"{name}_factors"]), SAID[name]["idx_of_factors_check"]
        )


@pytest.mark.parametrize("name", SAID)
def test_every_97th_image_is_that_of_disent(name: str) -> None:
    grid, said = grid_called(name), SAID[name]
    found = digest_and_sum(grid, np.arange(0, len(grid), 97))
    assert found == (said["sha256_every_97th"], said["pixel_sum_every_97th"])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SAID if "pixel_sum_all" in SAID[name]])
def test_every_image_is_that_of_disent(name: str) -> None:
    grid, said = grid_called(name), SAID[name]
    found = digest_and_sum(grid, np.arange(len(grid)))
    assert found == (said["sha256_all_images_index_order"], said["pixel_sum_all"])


def test_both_object_grids_show_the_same_images() -> None:
    options: dict[str, Any] = {"grid_size": 20, "min_square_size": 5, "max_square_size": 9}
    first, other = (build(ObjectOptions(**options)) for build in (object_grid, shaded_grid))
    every = np.arange(len(first))
    np.testing.assert_array_equal(first.images_at(every), other.images_at(every))
