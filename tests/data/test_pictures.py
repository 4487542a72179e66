"""Pictures of a data set."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.examples import grid_set
from toolkit.data import load
from toolkit.data.images import ImageSet
from toolkit.errors import ToolkitError
from toolkit.figures.datasets import factor_loop, sample_rows, tile, to_png, traversal_rows


def cell(canvas: np.ndarray, row: int, column: int, *, height: int, width: int) -> np.ndarray:
    top, left = 2 + row * (height + 2), 2 + column * (width + 2)
    return canvas[top : top + height, left : left + width]


def test_tiles_lie_row_by_row() -> None:
    images = grid_set(5).images
    canvas = tile(images, columns=3)
    assert canvas.shape == (2 * 4 + 2, 3 * 5 + 2, 3)
    for row, image in enumerate(images):
        shown = cell(canvas, *divmod(row, 3), height=2, width=3)
        np.testing.assert_array_equal(shown, np.broadcast_to(image[0, :, :, None], (2, 3, 3)))
    assert (cell(canvas, 1, 2, height=2, width=3) == 255).all()


def test_samples_are_images_of_the_set_drawn_by_the_seed() -> None:
    image_set = grid_set(6, 7)
    first, twin, other = (sample_rows(image_set, rows=2, columns=4, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first, twin)
    assert (first != other).any()
    shown = {cell(first, *divmod(i, 4), height=2, width=3)[:, :, 0].tobytes() for i in range(8)}
    assert len(shown) == 8
    assert shown <= {image.tobytes() for image in image_set.images[:, 0]}


def test_each_row_runs_through_one_factor() -> None:
    image_set = grid_set(3, 1, 8)
    canvas = traversal_rows(image_set, columns=4, seed=3)
    numbers = [
        [int(cell(canvas, row, column, height=2, width=3)[0, 1, 0]) for column in range(4)]
        for row in range(3)
    ]
    first = numbers[1][0]
    assert numbers[1][1:] == [255] * 3, "one value, then empty places"
    assert numbers[0] == [first % 8, first % 8 + 8, first % 8 + 16, 255]
    assert numbers[2] == [first // 8 * 8 + step for step in (0, 2, 5, 7)]


def test_the_loop_goes_through_every_factor_and_back() -> None:
    image_set = load("sprites", Path(), scales=2, positions_x=3, positions_y=3)
    content = factor_loop(image_set, seed=0, zoom=1)
    with Image.open(io.BytesIO(content)) as movie:
        assert movie.size == (5 * 34 + 2, 36)
        assert getattr(movie, "n_frames", 1) == 14, "eight orientations there, six back"
    assert content == factor_loop(image_set, seed=0, zoom=1)


def test_png_bytes_are_the_same_and_enlarged() -> None:
    canvas = sample_rows(grid_set(6), rows=1, columns=3, seed=0)
    content = to_png(canvas, zoom=3)
    assert content == to_png(canvas, zoom=3)
    with Image.open(io.BytesIO(content)) as picture:
        np.testing.assert_array_equal(
            np.asarray(picture), canvas.repeat(3, axis=0).repeat(3, axis=1)
        )


def test_without_known_factors_there_is_no_traversal() -> None:
    bare = ImageSet(name="bare", images=np.zeros((3, 1, 2, 2), dtype=np.uint8))
    with pytest.raises(ToolkitError) as caught:
        traversal_rows(bare, columns=3, seed=0)
    assert str(caught.value) == (
        "the factors of bare are not known: no image can be chosen by them."
    )
