"""Rank correlations of scores over runs."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from toolkit.report import Findings
from toolkit.report.scores.correlations import correlate, correlation_interval


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
        "corrected agreement",
        "agreement",
        "confirmed bits",
        "bits",
    )
    assert findings.correlations.values[0][2] == -1.0


def test_intervals_cover_the_correlation_of_infinitely_many_runs() -> None:
    # Of a normal distribution with correlation r, Spearman's is 6 / pi * asin(r / 2)
    generator = np.random.default_rng(0)
    runs, repeats, correlation = 12, 1500, 0.6
    expected = 6 / np.pi * np.arcsin(correlation / 2)
    covered = 0
    for _ in range(repeats):
        first, noise = generator.standard_normal((2, runs))
        second = correlation * first + np.sqrt(1 - correlation**2) * noise
        (pair,) = correlate({"a": first.tolist(), "b": second.tolist()}).pairs
        assert pair.interval is not None or abs(pair.value) == 1
        covered += pair.interval is not None and (
            pair.interval.low <= expected <= pair.interval.high
        )
    assert 0.93 < covered / repeats < 0.985


def test_three_runs_and_equal_ranks_have_no_interval() -> None:
    assert correlation_interval(0.5, runs=3) is None
    assert correlation_interval(1.0, runs=50) is None
    assert correlation_interval(-1.0, runs=50) is None
    wide, narrow = correlation_interval(0.5, runs=8), correlation_interval(0.5, runs=80)
    assert wide is not None
    assert narrow is not None
    assert wide.low < narrow.low < 0.5 < narrow.high < wide.high


def test_a_pair_counts_the_runs_that_have_both() -> None:
    found = correlate({"a": [1.0, 2.0, 3.0, None, 5.0], "b": [2.0, 1.0, 4.0, 4.0, 9.0]})
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.runs) == ("a", "b", 4)
    assert pair.value == found.values[0][1]
