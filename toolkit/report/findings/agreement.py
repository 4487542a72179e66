"""How far the others confirm each run: the cross-run agreement, taken run by run."""

import numpy as np
from jaxtyping import Bool, Float, Int

from toolkit.report.spans import Span, mean_span

FEWEST = 3  # other runs; two show hardly a spread


def agreement_table(
    information: Float[np.ndarray, " c"],
    nmi: Float[np.ndarray, "c c"],
    member: Int[np.ndarray, " c"],
    *,
    kept: Bool[np.ndarray, " c"],
    among: tuple[int, ...],
) -> Float[np.ndarray, "m m"]:
    """How well each run's channels are found again in each other run: about 0 to about 1, no unit.

    Row: of each kept channel of that run, the best NMI with a kept channel of the other run,
    averaged over its channels, weighted by their bits; 0 where one of the two keeps nothing. NaN on
    the diagonal.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels.
        member: which run each channel belongs to.
        kept: channels that tell enough to count.
        among: the runs to look at, two or more; the others do not exist.

    >>> import numpy as np
    >>> nmi = np.array([[1.0, 0.8, 0.2], [0.8, 1.0, 0.1], [0.2, 0.1, 1.0]])
    >>> agreement_table(np.array([2.0, 2.0, 1.0]), nmi, np.array([0, 1, 2]),
    ...                 kept=np.ones(3, bool), among=(0, 1, 2))
    array([[nan, 0.8, 0.2],
           [0.8, nan, 0.1],
           [0.2, 0.1, nan]])
    """
    own = [np.flatnonzero(kept & (member == run)) for run in among]
    found = np.full((len(among), len(among)), np.nan)
    for (row, column), _ in np.ndenumerate(found):
        if row == column:
            continue
        channels, others = own[row], own[column]
        if channels.size == 0 or others.size == 0:
            found[row, column] = 0.0
            continue
        best = nmi[np.ix_(channels, others)].max(axis=1)
        found[row, column] = np.average(best, weights=information[channels])
    return found


def agreement_of_each(table: Float[np.ndarray, "m m"]) -> Float[np.ndarray, " m"]:
    """Whether a run's channels are found again in the others: the mean over the others.

    The mean over runs, weighted by their kept bits, is `toolkit.information.cross_run_agreement`.

    >>> agreement_of_each(np.array([[np.nan, 0.8, 0.2], [0.8, np.nan, 0.1], [0.2, 0.1, np.nan]]))
    array([0.5 , 0.45, 0.15])
    """
    return np.asarray(np.nanmean(table, axis=1))


def agreement_spans(table: Float[np.ndarray, "m m"]) -> tuple[Span | None, ...]:
    """For every run where its agreement would be with endlessly many other runs, 95 %.

    None with fewer than three others.

    >>> agreement_spans(np.full((3, 3), 0.5))
    (None, None, None)
    """
    if len(table) - 1 < FEWEST:
        return (None,) * len(table)
    return tuple(mean_span(row[~np.isnan(row)].tolist()) for row in table)
