"""Pictures of pictures: every dot where it belongs."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from toolkit.figures import draw_reconstructions, draw_strip, draw_traversals, strip, tile


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("colours", [1, 3])
def test_every_image_lies_at_its_row_and_column(colours: int) -> None:
    images = noise(3, 4, colours, 5, 6)
    picture = tile(images, gap=2)
    assert picture.shape == (3 * 7 - 2, 4 * 8 - 2, 3)
    for row in range(3):
        for column in range(4):
            cut = picture[row * 7 : row * 7 + 5, column * 8 : column * 8 + 6]
            for colour in range(3):
                expected = images[row, column, colour % colours]
                np.testing.assert_array_equal(cut[..., colour], expected)


def test_between_images_there_is_background() -> None:
    picture = tile(np.zeros((2, 2, 1, 3, 3), np.uint8), gap=1, background=200)
    assert picture[3].tolist() == [[200, 200, 200]] * 7
    assert picture[:, 3].tolist() == [[200, 200, 200]] * 7
    assert int((picture == 0).sum()) == 4 * 9 * 3


def test_a_strip_takes_grey_and_colour_alike() -> None:
    grey = noise(5, 4, 4)
    colour = np.repeat(grey[..., None], 3, axis=-1)
    np.testing.assert_array_equal(strip(grey), strip(colour))


def test_images_of_any_number_of_colours_are_drawn() -> None:
    two, five = noise(1, 1, 2, 4, 4), noise(1, 1, 5, 4, 4)
    np.testing.assert_array_equal(tile(two)[..., 1], tile(two)[..., 2])
    np.testing.assert_array_equal(tile(two)[..., 0], two[0, 0, 0])
    np.testing.assert_array_equal(tile(five), five[0, 0, :3].transpose(1, 2, 0))


def test_a_drawn_strip_is_the_strip(axes: Axes) -> None:
    images = noise(5, 4, 4)
    draw_strip(images, axes)
    np.testing.assert_array_equal(axes.images[0].get_array(), strip(images))


def test_reconstructions_stand_under_their_inputs(axes: Axes) -> None:
    inputs, outputs = noise(4, 1, 6, 6), 255 - noise(4, 1, 6, 6)
    draw_reconstructions(inputs, outputs, axes)
    picture = np.asarray(axes.images[0].get_array())
    np.testing.assert_array_equal(picture[:6, 8:14, 0], inputs[1, 0])
    np.testing.assert_array_equal(picture[8:, 8:14, 0], outputs[1, 0])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["input", "output"]


def test_traversals_are_sorted_by_what_channels_tell(axes: Axes) -> None:
    images = noise(3, 2, 1, 4, 4)
    bits = np.array([0.5, 0.001, 2.0])
    draw_traversals(images, axes, values=[-1.5, 0.0], bits=bits)
    labels = axes.get_yticklabels()
    assert [label.get_text() for label in labels] == [
        "z2   2.00 bits",
        "z0   0.50 bits",
        "z1   0.00 bits",
    ]
    assert labels[0].get_color() == labels[1].get_color() != labels[2].get_color()
    picture = np.asarray(axes.images[0].get_array())
    np.testing.assert_array_equal(picture[:4, 6:, 0], images[2, 1, 0])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["-1.5", "0"]
