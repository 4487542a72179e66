"""95 % intervals and rounding as a report keeps them, and how they are written into tables."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import scipy

from toolkit.information import Agreement

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


def interval_of(low: float | None, high: float | None) -> Interval | None:
    """The interval with these ends; None where one is unknown.

    >>> interval_of(0.25, 0.5), interval_of(None, None)
    (Interval(low=0.25, high=0.5), None)
    """
    return None if low is None or high is None else Interval(low=low, high=high)


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


def agreement_columns(agreement: Agreement | None) -> dict[str, float]:
    """The table columns of an agreement, the corrected number first; NaN for what is unknown.

    >>> half = Agreement(value=0.5, by_chance=0.25, corrected=1 / 3, members=2)
    >>> columns = agreement_columns(half)
    >>> {name: value for name, value in columns.items() if not math.isnan(value)}
    {'corrected_agreement': 0.333333333, 'agreement': 0.5, 'agreement_by_chance': 0.25}
    """
    if agreement is None:
        agreement = Agreement(value=math.nan, members=0)
    found = {
        "corrected_agreement": agreement.corrected,
        "corrected_agreement_low": agreement.corrected_low,
        "corrected_agreement_high": agreement.corrected_high,
        "agreement": agreement.value,
        "agreement_low": agreement.low,
        "agreement_high": agreement.high,
        "agreement_by_chance": agreement.by_chance,
        "agreement_by_chance_low": agreement.chance_low,
        "agreement_by_chance_high": agreement.chance_high,
    }
    return {name: nan_if_unknown(value) for name, value in found.items()}
