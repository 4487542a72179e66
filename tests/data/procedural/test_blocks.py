"""XYBlocks against a pixel by pixel rendering of its rule; the circle against its equation."""

import math

import numpy as np
import pytest

from toolkit.data.procedural.blocks import GRID
from toolkit.data.procedural.circle import CircleOptions, circle_grid, circle_points


def slowly(factors: list[int]) -> np.ndarray:
    """Level by level and pixel by pixel."""
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    for level, size in enumerate((32, 16, 8)):
        colour = [0, 0, 0]
        colour[factors[level]] = 255
        left, top = factors[3 + level] * size, factors[6 + level] * size
        ink = colour if image[top, left].tolist() != colour else [0, 0, 0]
        for row in range(top, top + size):
            for column in range(left, left + size):
                image[row, column] = ink
    return image


def test_blocks_follow_their_rule() -> None:
    indices = np.random.default_rng(0).integers(0, len(GRID), size=60)
    images = GRID.images_at(indices)
    for image, factors in zip(images, GRID.factors_at(indices).tolist(), strict=True):
        np.testing.assert_array_equal(image.transpose(1, 2, 0), slowly(factors))


def test_a_block_on_its_own_colour_is_black() -> None:
    (image,) = GRID.images_at(np.array([0]))
    assert image[:, 0, 0].tolist() == [255, 0, 0], "red, black, red: three levels at one corner"
    assert image[:, 12, 12].tolist() == [0, 0, 0]
    assert len(GRID) == 110_592


@pytest.mark.parametrize("count", [1, 7, 200])
def test_points_lie_evenly_on_the_circle(count: int) -> None:
    points = circle_points(count)
    np.testing.assert_allclose((points**2).sum(axis=1), 1)
    steps = points @ points[0]
    np.testing.assert_allclose(steps, [math.cos(2 * math.pi * i / count) for i in range(count)])


def test_the_disc_has_its_area_and_its_centre() -> None:
    options = CircleOptions(angles=16, image_size=64, disc=0.1)
    images = circle_grid(options).images_at(np.arange(16))[:, 0] / 255
    np.testing.assert_allclose(images.sum(axis=(1, 2)), math.pi * 6.4**2, rtol=0.02)
    line = (np.arange(64) + 0.5) / 64 - 0.5
    mass = images.sum(axis=(1, 2))
    centre = np.stack([images.sum(axis=1) @ line, images.sum(axis=2) @ line], axis=1)
    np.testing.assert_allclose(centre / mass[:, None], 0.35 * circle_points(16), atol=2e-3)
