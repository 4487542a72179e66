"""How well the other runs confirm each run: the cross-run agreement, run by run."""

import numpy as np
from jaxtyping import Bool, Float, Int

from toolkit.report.intervals import Interval, mean_interval

LEAST_OTHERS = 3  # other runs; two hardly show a spread


def agreement_table(
    information: Float[np.ndarray, " c"],
    nmi: Float[np.ndarray, "c c"],
    run_of_channel: Int[np.ndarray, " c"],
    *,
    kept: Bool[np.ndarray, " c"],
    among: tuple[int, ...],
) -> Float[np.ndarray, "m m"]:
    """How well each run's channels are found again in each other run: about 0 to about 1, no unit.

    One row per run: the best NMI of each of its kept channels with a kept channel of the other run,
    averaged over its channels, weighted by their bits; 0 where one of the two keeps nothing. NaN on
    the diagonal.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels.
        run_of_channel: which run each channel belongs to.
        kept: channels with enough bits to count.
        among: the runs to compare, two or more; all others are ignored.

    >>> import numpy as np
    >>> nmi = np.array([[1.0, 0.8, 0.2], [0.8, 1.0, 0.1], [0.2, 0.1, 1.0]])
    >>> agreement_table(np.array([2.0, 2.0, 1.0]), nmi, np.array([0, 1, 2]),
    ...                 kept=np.ones(3, bool), among=(0, 1, 2))
    array([[nan, 0.8, 0.2],
           [0.8, nan, 0.1],
           [0.2, 0.1, nan]])
    """
    channels_of = [np.flatnonzero(kept & (run_of_channel == run)) for run in among]
    table = np.full((len(among), len(among)), np.nan)
    for (row, column), _ in np.ndenumerate(table):
        if row == column:
            continue
        channels, others = channels_of[row], channels_of[column]
        if channels.size == 0 or others.size == 0:
            table[row, column] = 0.0
            continue
        best = nmi[np.ix_(channels, others)].max(axis=1)
        table[row, column] = np.average(best, weights=information[channels])
    return table


def agreement_of_each(table: Float[np.ndarray, "m m"]) -> Float[np.ndarray, " m"]:
    """The agreement of each run with the others: the mean over the others.

    The mean over runs, weighted by their kept bits, is `toolkit.information.cross_run_agreement`.

    >>> agreement_of_each(np.array([[np.nan, 0.8, 0.2], [0.8, np.nan, 0.1], [0.2, 0.1, np.nan]]))
    array([0.5 , 0.45, 0.15])
    """
    return np.asarray(np.nanmean(table, axis=1))


def agreement_intervals(table: Float[np.ndarray, "m m"]) -> tuple[Interval | None, ...]:
    """For every run the 95 % interval of its agreement with infinitely many other runs.

    None with fewer than three others.

    >>> agreement_intervals(np.full((3, 3), 0.5))
    (None, None, None)
    """
    if len(table) - 1 < LEAST_OTHERS:
        return (None,) * len(table)
    return tuple(mean_interval(row[~np.isnan(row)].tolist()) for row in table)
