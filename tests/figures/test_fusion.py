"""Continuity against the size of the ensemble."""

import numpy as np
from matplotlib.axes import Axes

from toolkit.figures import draw_continuity


def test_curves_show_means_and_bars_do_not_fall_below_one(axes: Axes) -> None:
    values = np.array([[[10.0, 30.0], [1.0, 3.0]], [[4.0, 4.0], [2.0, 2.0]]])
    draw_continuity([2, 50], values, ["vi", "nmi"], axes, learners=1000.0)
    first, second = axes.containers
    np.testing.assert_array_equal(first.lines[0].get_ydata(), [20, 2])
    np.testing.assert_array_equal(second.lines[0].get_ydata(), [4, 2])
    ((_, low), (_, high)), ((_, least), (_, most)) = first.lines[2][0].get_segments()
    np.testing.assert_allclose([low, high, least, most], [10, 30, 1, 3])
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "single members",
        "vi",
        "nmi",
    ]
    assert axes.lines[-1].get_ydata()[0] == 1000
    axes.figure.draw_without_rendering()
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["2", "50"]
    assert {"1", "1000"} <= {label.get_text() for label in axes.get_yticklabels()}


def test_curves_of_one_size_lie_side_by_side(axes: Axes) -> None:
    draw_continuity([10], np.full((3, 1, 2), 5.0), ["a", "b", "c"], axes, learners=9.0)
    places = [container.lines[0].get_xdata()[0] for container in axes.containers]
    assert places[0] < places[1] < places[2]
    assert places[1] == 10
