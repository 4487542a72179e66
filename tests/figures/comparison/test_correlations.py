"""The matrix of rank correlations."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from toolkit.figures import draw_rank_correlations


def test_the_matrix_tells_its_numbers_and_leaves_unknown_ones_blank(axes: Axes) -> None:
    table = np.array([[1.0, -0.25], [-0.25, np.nan]])
    draw_rank_correlations(table, ["mig", "sap"], axes)
    assert [text.get_text() for text in axes.texts] == ["1.00", "−0.25", "−0.25"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["mig", "sap"]


@pytest.mark.parametrize(("value", "warm"), [(-0.9, True), (0.9, False)])
def test_rankings_turned_round_are_red_and_alike_ones_blue(
    value: float, warm: bool, axes: Axes
) -> None:
    draw_rank_correlations(np.full((1, 1), value), ["mig"], axes)
    (mesh,) = axes.collections
    red, _, blue, _ = mesh.cmap(mesh.norm(value))
    assert (red > blue) == warm
