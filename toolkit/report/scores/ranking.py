"""Unsupervised disentanglement ranking of the runs compared, each given the others.

Duan et al. (2020), https://arxiv.org/abs/1905.12614; all kinds on the posterior means of the probe
images. Rank correlation and NMI need one table of all channels, which costs next to nothing; the
lasso is fitted for every two runs, so it is left out where there are many.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from toolkit.disentanglement.unsupervised.udr import spearman_similarity, udr_lasso, udr_nmi
from toolkit.posteriors import Posteriors

LASSO_RUNS = 40  # 1,560 fits, about 6 seconds


def udr_per_run(
    posteriors: Sequence[Posteriors], nmi: Float[np.ndarray, "c c"]
) -> tuple[Mapping[str, float], ...]:
    """The ranking of every run by kind, as published; 0 to 1 (by NMI about).

    Arguments:
        posteriors: of two runs or more, for the same images.
        nmi: of every two channels of all runs, in order; NaN counts as 0.
    """
    means, rates = [], []
    for run in posteriors:
        mean, log_variance = run.mean.double(), run.log_variance.double()
        # KL from the prior
        rate = (mean.square() + log_variance.exp() - 1 - log_variance) / 2
        means.append(mean.numpy(force=True))
        rates.append(np.asarray(rate.mean(dim=0).numpy(force=True)))
    all_means = np.concatenate(means, axis=1)
    tables = {
        "udr_nmi": np.nan_to_num(nmi, nan=0.0),
        "udr_spearman": spearman_similarity(all_means, all_means),
    }
    udr = {
        kind: udr_nmi(means, seed=0, nmi=table, rates=rates).per_channel["udr"]
        for kind, table in tables.items()
    }
    if len(means) <= LASSO_RUNS:
        udr["udr_lasso"] = udr_lasso(means, seed=0, rates=rates).per_channel["udr"]
    return tuple({kind: float(udr[kind][run]) for kind in sorted(udr)} for run in range(len(means)))
