"""Spaces as ellipses, tables of measures."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from toolkit.figures import draw_space, draw_table


@pytest.mark.parametrize("closed", [False, True])
def test_every_posterior_is_an_ellipse_one_deviation_wide(closed: bool, axes: Axes) -> None:
    mean = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 2.0]])
    draw_space(mean, np.log([[1.0, 4.0]] * 3), axes, title="three", closed=closed)
    (ellipses,) = axes.collections
    np.testing.assert_array_equal(ellipses.get_offsets(), mean)
    np.testing.assert_allclose(ellipses.get_widths(), [2, 2, 2])
    np.testing.assert_allclose(ellipses.get_heights(), [4, 4, 4])
    assert axes.get_xlim() == (-1, 5)
    assert axes.get_ylim() == (-2, 4)
    assert axes.get_title(loc="left") == "three"


def test_colours_close_when_the_order_does(axes: Axes) -> None:
    mean = np.linspace(0, 1, 100)[:, None]
    draw_space(mean, mean * 0, axes, title="", closed=True)
    draw_space(mean, mean * 0, axes, title="", closed=False)
    closed, open_ = (part.get_facecolors()[:, :3] for part in axes.collections)
    assert np.abs(closed[0] - closed[-1]).max() < 0.1
    assert np.abs(open_[0] - open_[-1]).max() > 0.5


def test_a_space_of_one_dimension_lies_on_a_line(axes: Axes) -> None:
    draw_space(np.array([[1.0], [3.0]]), np.zeros((2, 1)), axes, title="line")
    np.testing.assert_array_equal(axes.collections[0].get_offsets(), [[1, 0], [3, 0]])


@pytest.mark.parametrize(("alike", "white"), [(0.0, {"0.00"}), (1.0, {"1.00"})])
def test_a_table_is_dark_where_things_are_alike(alike: float, white: set[str], axes: Axes) -> None:
    values = np.array([[alike, 0.5, np.nan], [0.5, alike, 1 - alike], [np.nan, 1 - alike, alike]])
    draw_table(values, ["a", "b", "c"], axes, title="a measure", alike=alike, decimals=2)
    assert len(axes.texts) == 7
    inked = {text.get_text(): to_hex(text.get_color()) for text in axes.texts}
    assert {text for text, colour in inked.items() if colour == "#ffffff"} == white
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    near = np.ma.masked_invalid(axes.collections[0].get_array()).reshape(3, 3)
    assert near[0, 0] == 1
    assert near[1, 2] == 0
    assert np.ma.is_masked(near[0, 2])


def test_a_table_without_differences_or_without_numbers_is_drawn(axes: Axes) -> None:
    draw_table(np.ones((2, 2)), ["a", "b"], axes, title="", alike=1.0)
    assert [text.get_text() for text in axes.texts] == ["1.0"] * 4
    draw_table(np.full((2, 2), np.nan), ["a", "b"], axes, title="", alike=1.0)
    assert len(axes.texts) == 4
