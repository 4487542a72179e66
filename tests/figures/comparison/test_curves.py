"""Lines: the numbers they were given, on axes that can be read."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from toolkit.figures import draw_curve, draw_training

MEMBERS = [(1.0, 2.0), (1.0, 4.0), (16.0, 5.0)]


def test_the_line_is_the_means_and_the_points_are_the_members(axes: Axes) -> None:
    draw_curve([1.0, 16.0], [3.0, 5.0], axes, members=MEMBERS, name="beta", title="rate (nats)")
    points, line = axes.lines
    assert list(zip(*points.get_data(), strict=True)) == MEMBERS
    assert list(zip(*line.get_data(), strict=True)) == [(1.0, 3.0), (16.0, 5.0)]
    assert (axes.get_xlabel(), axes.get_title(loc="left")) == ("beta", "rate (nats)")


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        pytest.param([1.0, 2.0, 16.0], "log", id="sixteenfold"),
        pytest.param([1.0, 2.0, 3.0], "linear", id="threefold"),
        pytest.param([0.0, 2.0, 16.0], "linear", id="zero has no logarithm"),
    ],
)
def test_wide_ranges_are_drawn_on_a_logarithmic_axis(
    values: list[float], scale: str, axes: Axes
) -> None:
    draw_curve(values, [1.0, 2.0, 3.0], axes, members=[], name="beta", title="rate")
    assert axes.get_xscale() == scale
    assert axes.get_xticks().tolist() == values


def test_of_many_values_seven_are_written(axes: Axes) -> None:
    values = [float(value) for value in range(1, 41)]
    draw_curve(values, values, axes, members=[], name="c", title="rate")
    ticks = axes.get_xticks().tolist()
    assert len(ticks) == 7
    assert (ticks[0], ticks[-1]) == (1.0, 40.0)


def test_whole_numbers_have_whole_ticks(axes: Axes) -> None:
    draw_curve([1.0, 2.0], [2.5, 4.0], axes, members=[(1.0, 2.0), (1.0, 3.0)], name="c", title="n")
    assert all(tick == int(tick) for tick in axes.get_yticks())


def test_training_curves_leave_a_gap_where_there_is_no_logarithm(axes: Axes) -> None:
    steps = np.array([1, 2, 3])
    curves = {"loss": np.array([9.0, 8.0, 7.0]), "rate": np.array([0.0, 1.0, 2.0])}
    draw_training(steps, curves, axes)
    assert axes.get_yscale() == "log"
    assert [line.get_label() for line in axes.lines] == ["loss", "rate"]
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), [np.nan, 1.0, 2.0])


def test_intervals_beyond_the_members_are_cut_at_the_edge(axes: Axes) -> None:
    intervals = [(1.0, -50.0, 56.0)]
    draw_curve(
        [1.0], [3.0], axes, members=MEMBERS[:2], name="beta", title="mig", intervals=intervals
    )
    (bars,) = axes.collections
    assert bars.get_segments()[0].tolist() == [[1.0, -50.0], [1.0, 56.0]]
    low, high = axes.get_ylim()
    assert 1.0 < low < 2.0
    assert 4.0 < high < 5.0


def test_equal_whole_numbers_have_ticks_at_whole_numbers_only(axes: Axes) -> None:
    equal = [(1.0, 2.0), (4.0, 2.0)]
    draw_curve([1.0, 4.0], [2.0, 2.0], axes, members=equal, name="beta", title="hot spots")
    low, high = axes.get_ylim()
    shown = [tick for tick in axes.get_yticks() if low <= tick <= high]
    assert shown == [1.0, 2.0, 3.0]
