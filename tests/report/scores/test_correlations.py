"""Rank correlations of scores over runs."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from toolkit.report import Findings
from toolkit.report.scores.correlations import correlate


def test_they_are_those_of_scipy_over_common_runs() -> None:
    one, other = np.random.default_rng(0).normal(size=(2, 12)).round(1)
    lacking = [None if place == 3 else value for place, value in enumerate(other.tolist())]
    common = np.arange(12) != 3
    found = correlate({"one": one.tolist(), "other": lacking, "still": [1.0] * 12}).values
    assert found[0][1] == pytest.approx(spearmanr(one[common], other[common]).statistic)
    assert found[1][0] == found[0][1]
    assert found[2] == (None, None, None)


def test_two_runs_rank_nothing() -> None:
    assert correlate({"one": [1.0, 2.0]}).values == ((None,),)


def test_numbers_that_differ_by_rounding_alone_rank_alike() -> None:
    assert correlate({"one": [1.0, 1.0 + 1e-12, 1.0]}).values == ((None,),)


def test_main_values_are_held_against_numbers_that_need_no_labels(findings: Findings) -> None:
    assert findings.correlations.names == (
        "mig/mig",
        "jemmig/jemmig_normalised",
        "fairness/unfairness",
        "mine/value",
        "udr_lasso",
        "udr_nmi",
        "udr_spearman",
        "agreement",
        "confirmed bits",
        "bits",
    )
    assert findings.correlations.values[0][2] == -1.0
