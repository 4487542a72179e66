"""Scores against a hyper-parameter, and the matrix of their rank correlations."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from scipy.stats import spearmanr

from toolkit.figures.comparison.correlations import (
    draw_rank_correlations,
    draw_scores,
    rank_correlations,
)

BETA = np.array([1.0, 1.0, 8.0, 8.0])


def test_lines_are_means_over_members_and_refused_scores_leave_gaps(axes: Axes) -> None:
    scores = {"mig": np.array([0.1, 0.3, 0.5, np.nan]), "dci": np.array([np.nan, np.nan, 0.2, 0.4])}
    draw_scores(BETA, scores, axes, parameter_name="beta")
    lines = [line for line in axes.get_lines() if line.get_linestyle() == "-"]
    assert [line.get_label() for line in lines] == ["mig", "dci"]
    assert np.asarray(lines[0].get_ydata()).tolist() == pytest.approx([0.2, 0.5])
    assert np.asarray(lines[1].get_xdata()).tolist() == [8.0]
    assert axes.get_xlabel() == "beta"
    assert axes.get_xscale() == "log"


def test_parameters_that_are_close_stand_on_a_plain_axis(axes: Axes) -> None:
    draw_scores(np.array([0.0, 1.0]), {"mig": np.array([0.1, 0.3])}, axes, parameter_name="C")
    assert axes.get_xscale() == "linear"


def test_correlations_are_those_of_scipy_over_common_members() -> None:
    one, other = np.random.default_rng(0).normal(size=(2, 12)).round(1)
    other[3] = np.nan
    common = np.isfinite(other)
    found = rank_correlations({"one": one, "other": other, "still": np.ones(12)})
    assert found[0, 1] == pytest.approx(spearmanr(one[common], other[common]).statistic)
    assert np.isnan(found[2]).all()


def test_two_members_rank_nothing() -> None:
    assert np.isnan(rank_correlations({"one": np.array([1.0, 2.0])})).all()


def test_the_matrix_tells_its_numbers_and_leaves_unknown_ones_blank(axes: Axes) -> None:
    table = np.array([[1.0, -0.25], [-0.25, np.nan]])
    draw_rank_correlations(table, ["mig", "sap"], axes)
    assert [text.get_text() for text in axes.texts] == ["100", "-25", "-25"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["mig", "sap"]
