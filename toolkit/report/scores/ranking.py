"""Unsupervised disentanglement ranking of the runs compared, each given the others.

Duan et al. (2020), https://arxiv.org/abs/1905.12614; all kinds on the posterior means of the probe
images. By rank correlation and by NMI it is made from one table of all channels, and costs next to
nothing; the lasso is fitted for every two runs, so it is left out where there are many.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from toolkit.disentanglement.unsupervised.udr import spearman_similarity, udr_lasso, udr_nmi
from toolkit.posteriors import Posteriors

LASSO_RUNS = 40  # 1,560 fits, about 6 seconds


def udr_of_each(
    answers: Sequence[Posteriors], nmi: Float[np.ndarray, "c c"]
) -> tuple[Mapping[str, float], ...]:
    """For every run its ranking by kind, as published; 0 to 1 (by NMI about).

    Arguments:
        answers: of two runs or more, to the same images.
        nmi: of every two channels of all runs, in order; NaN counts as 0.
    """
    codes = [given.mean.double().numpy(force=True) for given in answers]
    rates = [_rates(given) for given in answers]
    together = np.concatenate(codes, axis=1)
    tables = {
        "udr_nmi": np.nan_to_num(nmi, nan=0.0),
        "udr_spearman": spearman_similarity(together, together),
    }
    found = {
        kind: udr_nmi(codes, seed=0, nmi=table, rates=rates).per_channel["udr"]
        for kind, table in tables.items()
    }
    if len(codes) <= LASSO_RUNS:
        found["udr_lasso"] = udr_lasso(codes, seed=0, rates=rates).per_channel["udr"]
    return tuple(
        {kind: float(found[kind][run]) for kind in sorted(found)} for run in range(len(codes))
    )


def _rates(given: Posteriors) -> Float[np.ndarray, " d"]:
    """Mean KL of each channel from the prior, in nats."""
    mean, log_variance = given.mean.double(), given.log_variance.double()
    rates = (mean.square() + log_variance.exp() - 1 - log_variance) / 2
    return np.asarray(rates.mean(dim=0).numpy(force=True))
