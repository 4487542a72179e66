"""Bars of bits: as long as what is told, in the order of the hot spots."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from toolkit.figures import draw_bits, group_colour


def pieces(axes: Axes, row: int) -> list[tuple[float, float, str]]:
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    inside = [bar for bar in bars if round(bar.get_y() + bar.get_height() / 2) == row]
    return [(bar.get_x(), bar.get_width(), to_hex(bar.get_facecolor())) for bar in inside]


def test_pieces_follow_one_another_hot_spots_first(axes: Axes) -> None:
    bits = [np.array([0.5, 2.0, 1.0, 0.001]), np.array([0.25])]
    ranks = [np.array([0, 2, 1, 0]), np.array([2])]
    draw_bits(bits, ranks, ["one", "two"], axes)
    assert pieces(axes, 0) == [
        (0.0, 1.0, group_colour(1)),
        (1.0, 2.0, group_colour(2)),
        (3.0, 0.5, group_colour(0)),
    ]
    assert pieces(axes, 1) == [(0.0, 0.25, group_colour(2))]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "two"]


def test_bars_begin_at_zero_and_end_inside(axes: Axes) -> None:
    draw_bits([np.array([4.0, 6.0])], [np.array([1, 0])], ["one"], axes)
    left, right = axes.get_xlim()
    assert left == 0
    assert right == pytest.approx(10.2)


def test_runs_that_tell_nothing_leave_an_empty_row(axes: Axes) -> None:
    draw_bits([np.zeros(3)], [np.zeros(3, int)], ["silent"], axes)
    assert pieces(axes, 0) == []
    assert axes.get_xlim() == (0.0, 0.1)


def test_of_very_many_runs_some_are_named(axes: Axes) -> None:
    names = [f"run {number}" for number in range(150)]
    draw_bits([np.ones(1)] * 150, [np.ones(1, int)] * 150, names, axes)
    assert [label.get_text() for label in axes.get_yticklabels()] == names[::3]
