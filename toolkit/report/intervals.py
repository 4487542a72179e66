"""95 % intervals and rounding as a report keeps them, and how they are written into tables."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import scipy

LEVEL = 0.95
RANKED_DIGITS = 9  # after the point; numbers that differ later differ by rounding: equal ranks


@dataclass(frozen=True, kw_only=True)
class Interval:
    """The two ends of a 95 % interval.

    Arguments:
        low: lower end, in the unit of the number.
        high: upper end.
    """

    low: float
    high: float


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Student's interval of the expected value, from independent values.

    None of fewer than two values, which show no spread.

    >>> interval = mean_interval([1.0, 2.0, 3.0])
    >>> round(interval.low, 3), round(interval.high, 3)
    (-0.484, 4.484)
    """
    if len(values) < 2:
        return None
    degrees = len(values) - 1
    half = (
        float(scipy.special.stdtrit(degrees, (1 + LEVEL) / 2)) * stdev(values) / len(values) ** 0.5
    )
    return Interval(low=fmean(values) - half, high=fmean(values) + half)


def nan_if_unknown(value: float | None) -> float:
    """NaN, which is an empty cell of a CSV file, for what is unknown or infinite.

    >>> nan_if_unknown(0.5), nan_if_unknown(None), nan_if_unknown(math.inf)
    (0.5, nan, nan)
    """
    return value if value is not None and math.isfinite(value) else math.nan


def interval_columns(name: str, interval: Interval | None) -> dict[str, float]:
    """The two table columns of an interval, NaN where there is none.

    >>> interval_columns("agreement", Interval(low=0.5, high=0.75))
    {'agreement_low': 0.5, 'agreement_high': 0.75}
    """
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return {f"{name}_low": nan_if_unknown(low), f"{name}_high": nan_if_unknown(high)}
