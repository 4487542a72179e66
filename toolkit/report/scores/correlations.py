"""How alike scores rank the runs: Spearman's correlation of every two over all runs."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from toolkit.report.scores.records import Correlations

FEWEST = 3  # runs
_DIGITS = 9

Column = Sequence[float | None]


def correlate(columns: Mapping[str, Column]) -> Correlations:
    """Rank correlations of every two numbers over the runs that have both.

    Arguments:
        columns: by name, a number for each run or none.

    >>> correlate({"up": [1.0, 2.0, 5.0], "down": [3.0, 2.0, 0.0]}).values
    ((1.0, -1.0), (-1.0, 1.0))
    """
    tables = [np.array(column, float).round(_DIGITS) for column in columns.values()]
    values = tuple(tuple(_spearman(one, other) for other in tables) for one in tables)
    return Correlations(names=tuple(columns), values=values)


def _spearman(one: Float[np.ndarray, " m"], other: Float[np.ndarray, " m"]) -> float | None:
    from scipy.stats import rankdata

    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < FEWEST or np.ptp(one[both]) == 0 or np.ptp(other[both]) == 0:
        return None
    ranks = np.stack([rankdata(values[both]) for values in (one, other)])
    return round(float(np.corrcoef(ranks)[0, 1]), _DIGITS)
