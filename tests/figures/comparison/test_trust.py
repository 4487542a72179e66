"""Runs as points: numbered while there is room, the best one marked."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from toolkit.figures import draw_trust
from toolkit.figures.style import ACCENT, NOBODY


@pytest.mark.parametrize(("runs", "written"), [(5, ["1", "2", "4", "5", "3"]), (60, ["3"])])
def test_runs_are_numbered_while_there_is_room(runs: int, written: list[str], axes: Axes) -> None:
    names = [str(run + 1) for run in range(runs)]
    bits, confirmed = np.linspace(0, 8, runs), np.linspace(1, -1, runs)
    draw_trust(bits, confirmed, names, axes, best=2)
    assert [text.get_text() for text in axes.texts] == written
    points = axes.collections[0]
    order = [*(run for run in range(runs) if run != 2), 2]  # the best lies on top
    expected = np.stack([bits, confirmed], axis=1)[order]
    np.testing.assert_array_equal(points.get_offsets(), expected)
    colours = [to_hex(colour) for colour in points.get_facecolors()]
    assert colours == [NOBODY] * (runs - 1) + [ACCENT]


def test_no_run_is_marked_where_none_stands_out(axes: Axes) -> None:
    draw_trust(np.array([1.0, 2.0]), np.array([0.5, 0.4]), ["1", "2"], axes, best=None)
    colours = [to_hex(colour) for colour in axes.collections[0].get_facecolors()]
    assert colours == [NOBODY] * 2
    assert [text.get_text() for text in axes.texts] == ["1", "2"]
