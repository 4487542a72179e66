"""Interventional robustness score: does a channel stay put when other factors move?

Suter et al. (2019), https://arxiv.org/abs/1811.00007
"""

import numpy as np
from jaxtyping import Float

from toolkit.disentanglement.information.table import cut
from toolkit.disentanglement.inputs import Codes, Factors, label
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError


def irs(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    quantile: float = 0.99,
    factor_bins: int | None = None,
) -> ScoreResult:
    """1 less the share of deviation a channel keeps while its best factor is fixed; 0 to 1.

    For each channel and factor: the quantile of |z - mean(z | value)|, averaged over values,
    divided by max |z - mean(z)|; best factor for each channel; mean weighted by that maximum.
    Constant channels take no part (their detail is 0); all constant gives 0.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> irs(grid.astype(float), grid, seed=0).values["irs"]
    1.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        seed: not used; nothing is drawn.
        quantile: 0.99 in the study, 1 in the paper.
        factor_bins: the study cuts factors into 20 bins, as if they were channels; None leaves
            values as they are.

    Source: Suter et al. (2019); protocol of Locatello et al. (2019).
    """
    del seed
    if not 0 < quantile <= 1:
        raise ToolkitError(f"the quantile of irs is {quantile}. Use more than 0, at most 1.")
    data = label(codes, factors)
    values = data.codes.astype(np.float64)
    columns = data.factors.T
    if factor_bins is not None:
        columns = np.stack([cut(f.astype(np.float64), bins=factor_bins) for f in columns])
    largest = np.where(
        np.ptp(values, axis=0) > 0, np.abs(values - values.mean(axis=0)).max(axis=0), 0.0
    )
    within = np.stack([_deviation(values, f, quantile=quantile) for f in columns], axis=1)
    share = np.divide(
        within, largest[:, None], out=np.ones_like(within), where=largest[:, None] > 0
    )
    robust = 1 - share
    each = robust.max(axis=1)
    total = largest.sum()
    return ScoreResult(
        values={
            "irs": float(each @ largest / total) if total > 0 else 0.0,
            "active_channels": float((largest > 0).sum()),
        },
        per_channel={"irs": each, "largest_deviation": largest},
        matrices={"irs": robust},
        factors=data.kept,
        notes=data.notes,
    )


def _deviation(
    values: Float[Array, "n d"], factor: Array, *, quantile: float
) -> Float[Array, " d"]:
    """Mean over values of the factor of the quantile of deviations from the group's mean."""
    groups = [values[factor == value] for value in np.unique(factor)]
    quantiles = [
        np.percentile(np.abs(group - group.mean(axis=0)), 100 * quantile, axis=0)
        for group in groups
    ]
    return np.asarray(np.mean(quantiles, axis=0))
