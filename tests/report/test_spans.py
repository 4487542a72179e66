"""Intervals of means."""

import numpy as np
import pytest
from scipy import stats

from toolkit.report.spans import mean_span


def test_it_is_student_s_interval() -> None:
    values = np.random.default_rng(0).normal(size=7)
    low, high = stats.t.interval(0.95, 6, loc=values.mean(), scale=stats.sem(values))
    span = mean_span(values.tolist())
    assert span is not None
    assert (span.low, span.high) == pytest.approx((low, high))


def test_it_holds_the_mean_in_95_of_100_draws() -> None:
    draws = np.random.default_rng(0).normal(size=(2000, 4))
    spans = [mean_span(values.tolist()) for values in draws]
    share = np.mean([span is not None and span.low < 0 < span.high for span in spans])
    assert 0.94 < share < 0.96


def test_one_value_shows_no_spread() -> None:
    assert mean_span([1.0]) is None
