"""A study's trials: all there, the front joined."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from toolkit.figures import draw_study

DISTORTION = np.array([30.0, 20.0, 40.0, 35.0])
AGREEMENT = np.array([0.6, 0.5, 0.8, 0.4])
FRONT = np.array([True, True, True, False])


@pytest.mark.parametrize(
    ("beta", "logarithmic"),
    [([1.0, 2.0, 16.0, 4.0], True), ([1.0, 2.0, 3.0, 4.0], False), ([0.0, 0.0, 0.0, 0.0], False)],
)
def test_trials_are_points_coloured_by_their_parameter(
    beta: list[float], logarithmic: bool, axes: Axes
) -> None:
    draw_study(
        DISTORTION, AGREEMENT, axes, on_front=FRONT, parameter=np.array(beta), parameter_name="beta"
    )
    points = axes.collections[0]
    np.testing.assert_array_equal(points.get_offsets(), np.stack([DISTORTION, AGREEMENT], axis=1))
    np.testing.assert_array_equal(points.get_array(), beta)
    assert isinstance(points.norm, LogNorm) == logarithmic


def test_the_front_is_joined_from_left_to_right(axes: Axes) -> None:
    draw_study(
        DISTORTION, AGREEMENT, axes, on_front=FRONT, parameter=DISTORTION, parameter_name="beta"
    )
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [20.0, 30.0, 40.0]
    assert line.get_ydata().tolist() == [0.5, 0.6, 0.8]
