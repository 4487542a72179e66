"""Intervals of means."""

import numpy as np
import pytest
from scipy import stats

from toolkit.report.intervals import mean_interval


def test_it_is_student_s_interval() -> None:
    values = np.random.default_rng(0).normal(size=7)
    low, high = stats.t.interval(0.95, 6, loc=values.mean(), scale=stats.sem(values))
    interval = mean_interval(values.tolist())
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high))


def test_it_holds_the_mean_in_95_of_100_draws() -> None:
    draws = np.random.default_rng(0).normal(size=(2000, 4))
    intervals = [mean_interval(values.tolist()) for values in draws]
    share = np.mean(
        [interval is not None and interval.low < 0 < interval.high for interval in intervals]
    )
    assert 0.94 < share < 0.96


def test_one_value_shows_no_spread() -> None:
    assert mean_interval([1.0]) is None
