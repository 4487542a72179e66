"""Where a number probably lies: 95 % intervals as a report keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from scipy.special import stdtrit

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Span:
    """An interval that holds a number with a probability of 95 %."""

    low: float
    high: float


def mean_span(values: Sequence[float]) -> Span | None:
    """Student's interval of the mean that endlessly many such values would have.

    None of fewer than two values, which show no spread.

    >>> span = mean_span([1.0, 2.0, 3.0])
    >>> round(span.low, 3), round(span.high, 3)
    (-0.484, 4.484)
    """
    if len(values) < 2:
        return None
    degrees = len(values) - 1
    half = float(stdtrit(degrees, (1 + LEVEL) / 2)) * stdev(values) / len(values) ** 0.5
    return Span(low=fmean(values) - half, high=fmean(values) + half)
