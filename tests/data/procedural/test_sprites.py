"""Sprites: areas, centres and symmetry by routes of their own, and the grid of dSprites."""

import hashlib
import math
from collections.abc import Callable

import numpy as np
import pytest

from toolkit.data.procedural import sprites as module
from toolkit.data.procedural.sprites import (
    ELLIPSE,
    FIRST,
    HALF_SQUARE,
    LAST,
    LOBE_HEIGHT,
    LOBE_OFFSET,
    LOBE_RADIUS,
    SMALLEST,
    TIP,
    SpritesOptions,
    in_heart,
    sprites_grid,
)

LARGE = SpritesOptions(
    image_size=128, scales=2, orientations=8, positions_x=3, positions_y=3, antialias=True
)


def heart_area() -> float:
    """Twice the right half: the cone and the lobe, each cut at the middle line, by fine steps."""
    line = (np.arange(2000) + 0.5) / 2000 * 0.5 - 0.25
    return float(in_heart(line[None], line[:, None]).mean() * 0.25)


def test_areas_are_those_of_the_formulas() -> None:
    grid = sprites_grid(LARGE)
    images = grid.images_at(np.arange(len(grid)))[:, 0].astype(float) / 255
    areas = (images.sum(axis=(1, 2)) / 128**2).reshape(3, 2, -1)
    whole = np.array([4 * HALF_SQUARE**2, math.pi * ELLIPSE[0] * ELLIPSE[1], heart_area()])[
        :, None, None
    ]
    scales = np.array([SMALLEST, 1])[:, None]
    np.testing.assert_allclose(areas, np.broadcast_to(whole * scales**2, areas.shape), rtol=0.03)


def test_the_heart_is_as_tall_and_wide_as_its_numbers_say() -> None:
    line = np.linspace(-0.25, 0.25, 4001)
    inside = in_heart(line[None], line[:, None])
    rows, columns = inside.any(axis=1), inside.any(axis=0)
    assert line[rows].max() == pytest.approx(TIP, abs=2e-4), "the tip is below the centre"
    assert line[rows].min() == pytest.approx(-LOBE_HEIGHT - LOBE_RADIUS, abs=2e-4)
    assert line[columns].max() == pytest.approx(LOBE_OFFSET + LOBE_RADIUS, abs=2e-4)
    assert not in_heart(np.array([0.0]), np.array([-LOBE_HEIGHT - LOBE_RADIUS + 0.01])).any()


def test_ellipses_lie_where_their_factors_say() -> None:
    grid = sprites_grid(LARGE)
    factors = np.array([[1, 1, 0, x, y] for x in range(3) for y in range(3)])
    images = grid.images_at(grid.index_of(factors))[:, 0].astype(float)
    line = (np.arange(128) + 0.5) / 128
    mass = images.sum(axis=(1, 2))
    centres = np.linspace(FIRST, LAST, 3)
    np.testing.assert_allclose(images.sum(axis=1) @ line / mass, centres[factors[:, 3]], atol=1e-3)
    np.testing.assert_allclose(images.sum(axis=2) @ line / mass, centres[factors[:, 4]], atol=1e-3)


def test_a_quarter_turn_leaves_the_square_and_turns_the_heart() -> None:
    grid = sprites_grid(LARGE)
    turns = np.array([[shape, 1, turn, 1, 1] for shape in (0, 2) for turn in (0, 2)])
    square, turned_square, heart, turned_heart = grid.images_at(grid.index_of(turns))[:, 0]
    pairs = [
        (square, turned_square),
        (heart, turned_heart),
        (np.rot90(heart, -1), turned_heart),
    ]
    differ = [np.abs(first.astype(int) - other).mean() for first, other in pairs]
    assert differ[0] < 0.05
    assert differ[1] > 2
    assert differ[2] < 0.5


def test_the_closed_turn_repeats_the_first_orientation_as_dsprites_does() -> None:
    options = SpritesOptions(
        image_size=64, scales=6, orientations=40, positions_x=32, positions_y=32, closed_turn=True
    )
    grid = sprites_grid(options)
    assert grid.sizes == (3, 6, 40, 32, 32)
    first, last, other = (grid.index_of(np.array([[2, 5, turn, 9, 20]])) for turn in (0, 39, 1))
    np.testing.assert_array_equal(grid.images_at(first), grid.images_at(last))
    assert (grid.images_at(first) != grid.images_at(other)).any()


def test_by_default_no_two_orientations_of_the_heart_are_the_same() -> None:
    grid = sprites_grid(SpritesOptions())
    turns = np.array([[2, 3, turn, 5, 5] for turn in range(8)])
    images = grid.images_at(grid.index_of(turns))
    assert len({image.tobytes() for image in images}) == 8


def test_images_are_black_and_white_unless_asked_otherwise() -> None:
    every = np.arange(0, 11616, 7)
    assert np.unique(sprites_grid(SpritesOptions()).images_at(every)).tolist() == [0, 255]
    soft = sprites_grid(SpritesOptions(antialias=True)).images_at(every)
    assert len(np.unique(soft)) > 10


def test_a_single_position_is_the_middle() -> None:
    grid = sprites_grid(SpritesOptions(positions_x=1, positions_y=1, scales=1, image_size=64))
    (square,) = grid.images_at(np.array([0]))
    np.testing.assert_array_equal(square, square[:, ::-1, ::-1])


def test_the_bytes_are_the_same_on_every_machine() -> None:
    images = sprites_grid(SpritesOptions()).images_at(np.arange(11616))
    found = hashlib.sha256(np.ascontiguousarray(images)).hexdigest()
    assert found == "a5b9f1a66beee955c45d8ddb98140d3532c984176ebffbaa828886b0468cc0ed", (
        "made by a previous run of this code; it must never change unnoticed"
    )


def test_no_pixel_centre_lies_on_an_outline() -> None:
    """A rounding error of a cosine then changes no pixel: the margin is a million times larger."""
    options = SpritesOptions()
    grid = sprites_grid(options)
    every = np.arange(0, 11616, 3)
    before = grid.images_at(every)
    exact = module.HALF_SQUARE
    for nudge in (-1e-9, 1e-9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "HALF_SQUARE", exact + nudge)
            patch.setattr(module, "ELLIPSE", tuple(axis + nudge for axis in ELLIPSE))
            patch.setattr(module, "LOBE_RADIUS", LOBE_RADIUS + nudge)
            patch.setattr(module, "TIP", TIP + nudge)
            np.testing.assert_array_equal(grid.images_at(every), before)


@pytest.mark.parametrize("size", [8, 33, 64])
def test_grey_is_the_share_of_sixteen_points_of_every_pixel(size: int) -> None:
    options = SpritesOptions(
        antialias=True, image_size=size, scales=3, orientations=9, positions_x=4, positions_y=3
    )
    grid = sprites_grid(options)
    every = np.arange(0, len(grid), 7)
    line = (np.arange(4 * size) + 0.5) / (4 * size)
    for image, (shape, scale, turn, x, y) in zip(
        grid.images_at(every)[:, 0], grid.factors_at(every).tolist(), strict=True
    ):
        angle = 2 * np.pi * turn / 9
        across = line - np.linspace(FIRST, LAST, 4)[x]
        down = (line - np.linspace(FIRST, LAST, 3)[y])[:, None]
        u = np.cos(angle) * across + np.sin(angle) * down
        v = np.cos(angle) * down - np.sin(angle) * across
        covers, _ = module.OUTLINES[shape]
        grown = np.linspace(SMALLEST, 1, 3)[scale]
        points = covers(u / grown, v / grown).reshape(size, 4, size, 4)
        np.testing.assert_array_equal(image, points.sum(axis=(1, 3)) * 255 // 16)


@pytest.mark.parametrize("outline", module.OUTLINES, ids=["square", "ellipse", "heart"])
def test_no_point_of_the_other_kind_is_nearer_than_said(
    outline: tuple[Callable[..., np.ndarray], ...],
) -> None:
    covers, distance = outline
    generator = np.random.default_rng(0)
    points = generator.uniform(-0.25, 0.25, size=(2, 4000))
    steps = generator.normal(scale=0.03, size=(2, 4000))
    crossed = covers(*points) != covers(*(points + steps))
    assert crossed.sum() > 150
    assert (distance(*points)[crossed] <= np.hypot(*steps)[crossed]).all()
    inner = covers(*points)
    assert distance(*points)[inner].max() > 0.05, "it does not say 0 everywhere"
