"""How similarly scores rank the runs: Spearman's correlation of every two over all runs."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import scipy
from jaxtyping import Float

from toolkit.report.intervals import LEVEL, RANKED_DIGITS, Interval
from toolkit.report.scores.records import Correlation, Correlations

LEAST_RUNS = 3

Column = Sequence[float | None]


def correlate(columns: Mapping[str, Column]) -> Correlations:
    """Rank correlations of every two numbers over the runs that have both.

    Arguments:
        columns: by name, one number or None per run.

    >>> correlate({"up": [1.0, 2.0, 5.0], "down": [3.0, 2.0, 0.0]}).values
    ((1.0, -1.0), (-1.0, 1.0))
    """
    names = tuple(columns)
    numbers = [np.array(column, float).round(RANKED_DIGITS) for column in columns.values()]
    values = tuple(tuple(_spearman(first, second) for second in numbers) for first in numbers)
    pairs = []
    for first, second in combinations(range(len(names)), 2):
        value = values[first][second]
        if value is None:
            continue
        runs = int((np.isfinite(numbers[first]) & np.isfinite(numbers[second])).sum())
        pair = Correlation(
            first=names[first],
            second=names[second],
            value=value,
            interval=correlation_interval(value, runs=runs),
            runs=runs,
        )
        pairs.append(pair)
    return Correlations(names=names, values=values, pairs=tuple(pairs))


def correlation_interval(value: float, *, runs: int) -> Interval | None:
    """The 95 % interval of a rank correlation, by Fisher's z.

    The standard error of z is sqrt((1 + value^2 / 2) / (runs - 3)): Bonett & Wright (2000),
    https://doi.org/10.1007/BF02294183.

    Arguments:
        value: Spearman's correlation, -1 to 1.
        runs: over how many it was computed.

    Returns:
        None with fewer than four runs, or where the correlation is 1 or -1.

    >>> interval = correlation_interval(0.5, runs=20)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.045, 0.783)
    """
    if runs < LEAST_RUNS + 1 or abs(value) == 1.0:
        return None
    half = float(scipy.special.ndtri((1 + LEVEL) / 2)) * math.sqrt((1 + value**2 / 2) / (runs - 3))
    return Interval(
        low=math.tanh(math.atanh(value) - half), high=math.tanh(math.atanh(value) + half)
    )


def _spearman(first: Float[np.ndarray, " m"], second: Float[np.ndarray, " m"]) -> float | None:
    from scipy.stats import rankdata

    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < LEAST_RUNS or np.ptp(first[both]) == 0 or np.ptp(second[both]) == 0:
        return None
    ranks = np.stack([rankdata(values[both]) for values in (first, second)])
    return round(float(np.corrcoef(ranks)[0, 1]), RANKED_DIGITS)
