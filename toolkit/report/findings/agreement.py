"""How far the others confirm each run: the cross-run agreement, taken run by run."""

import numpy as np
from jaxtyping import Bool, Float, Int


def agreement_of_each(
    information: Float[np.ndarray, " c"],
    nmi: Float[np.ndarray, "c c"],
    member: Int[np.ndarray, " c"],
    *,
    kept: Bool[np.ndarray, " c"],
    among: tuple[int, ...],
) -> dict[int, float]:
    """Whether a run's channels are found again in the others: about 0 to about 1, no unit.

    Of each of its kept channels, the best NMI with a kept channel of each other run, averaged
    over the other runs (0 for one that keeps nothing), then averaged over its channels, weighted
    by their bits; 0 for a run that keeps nothing. The mean over runs, weighted by their kept
    bits, is `toolkit.information.cross_run_agreement`.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels.
        member: which run each channel belongs to.
        kept: channels that tell enough to count.
        among: the runs to look at, two or more; the others do not exist.

    >>> import numpy as np
    >>> nmi = np.array([[1.0, 0.8, 0.2], [0.8, 1.0, 0.1], [0.2, 0.1, 1.0]])
    >>> each = agreement_of_each(np.array([2.0, 2.0, 1.0]), nmi, np.array([0, 1, 2]),
    ...                          kept=np.ones(3, bool), among=(0, 1, 2))
    >>> {run: round(value, 6) for run, value in each.items()}
    {0: 0.5, 1: 0.45, 2: 0.15}
    """
    own = {run: np.flatnonzero(kept & (member == run)) for run in among}
    found: dict[int, float] = {}
    for run, channels in own.items():
        if channels.size == 0:
            found[run] = 0.0
            continue
        best = [
            nmi[np.ix_(channels, others)].max(axis=1) if others.size else np.zeros(channels.size)
            for other, others in own.items()
            if other != run
        ]
        found[run] = float(np.average(np.mean(best, axis=0), weights=information[channels]))
    return found
