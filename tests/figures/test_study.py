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


def test_other_values_are_named_with_their_good_direction(axes: Axes) -> None:
    draw_study(
        AGREEMENT,
        DISTORTION,
        axes,
        on_front=FRONT,
        parameter=DISTORTION,
        parameter_name="beta",
        names=("DCI", "MIG"),
        directions=("maximise", "maximise"),
    )
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("DCI, more is better", "MIG, more is better")
    (line,) = axes.lines
    assert line.get_drawstyle() == "steps-pre"  # up to a trial's value it is reached


def test_the_values_of_the_first_studies_keep_their_names(axes: Axes) -> None:
    draw_study(
        DISTORTION, AGREEMENT, axes, on_front=FRONT, parameter=DISTORTION, parameter_name="beta"
    )
    assert axes.get_xlabel() == "distortion (nats per image), less is better"
    assert axes.get_ylabel() == "agreement across seeds, more is better"
    assert axes.lines[0].get_drawstyle() == "steps-post"
