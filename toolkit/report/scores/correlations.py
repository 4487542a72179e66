"""How similarly scores rank the runs: Spearman's correlation of every two over all runs."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from toolkit.report.intervals import RANKED_DIGITS
from toolkit.report.scores.records import Correlations

LEAST_RUNS = 3

Column = Sequence[float | None]


def correlate(columns: Mapping[str, Column]) -> Correlations:
    """Rank correlations of every two numbers over the runs that have both.

    Arguments:
        columns: by name, one number or None per run.

    >>> correlate({"up": [1.0, 2.0, 5.0], "down": [3.0, 2.0, 0.0]}).values
    ((1.0, -1.0), (-1.0, 1.0))
    """
    numbers = [np.array(column, float).round(RANKED_DIGITS) for column in columns.values()]
    values = tuple(tuple(_spearman(first, second) for second in numbers) for first in numbers)
    return Correlations(names=tuple(columns), values=values)


def _spearman(first: Float[np.ndarray, " m"], second: Float[np.ndarray, " m"]) -> float | None:
    from scipy.stats import rankdata

    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < LEAST_RUNS or np.ptp(first[both]) == 0 or np.ptp(second[both]) == 0:
        return None
    ranks = np.stack([rankdata(values[both]) for values in (first, second)])
    return round(float(np.corrcoef(ranks)[0, 1]), RANKED_DIGITS)
