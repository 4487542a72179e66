"""Interventional robustness score: does a channel stay put when other factors move?

Suter et al. (2019), https://arxiv.org/abs/1811.00007
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from toolkit.disentanglement.information.table import cut
from toolkit.disentanglement.inputs import Codes, Factors, label
from toolkit.disentanglement.record import ScoreResult
from toolkit.disentanglement.settings import ScoreSettings


@dataclass(frozen=True, kw_only=True)
class IRSSettings(ScoreSettings):
    """Settings of the interventional robustness score.

    Arguments:
        quantile: of deviations; 0.99 in the study, 1 in the paper.
        factor_bins: the study cuts factors into 20 bins, as if they were channels; None leaves
            values as they are.
    """

    quantile: Annotated[float, Gt(0), Le(1)] = 0.99
    factor_bins: Annotated[int, Ge(2)] | None = None


IRS = IRSSettings()


def irs(codes: Codes, factors: Factors, settings: IRSSettings = IRS, *, seed: int) -> ScoreResult:
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
        settings: the quantile, and whether factors are cut into bins.
        seed: not used; nothing is drawn.

    Source: Suter et al. (2019); protocol of Locatello et al. (2019).
    """
    del seed
    data = label(codes, factors)
    values = data.codes.astype(np.float64)
    columns = data.factors.T
    if settings.factor_bins is not None:
        floats = columns.astype(np.float64)
        columns = np.stack([cut(factor, bins=settings.factor_bins) for factor in floats])
    # Largest deviation of each channel over all images
    deviation = np.abs(values - values.mean(axis=0)).max(axis=0)
    largest = np.where(np.ptp(values, axis=0) > 0, deviation, 0.0)
    # Mean over the values of a factor of the quantile of deviations while it is fixed
    within = np.empty((values.shape[1], len(columns)))
    for k, factor in enumerate(columns):
        groups = [values[factor == value] for value in np.unique(factor)]
        quantiles = [
            np.percentile(np.abs(group - group.mean(axis=0)), 100 * settings.quantile, axis=0)
            for group in groups
        ]
        within[:, k] = np.mean(quantiles, axis=0)
    share = np.divide(
        within, largest[:, None], out=np.ones_like(within), where=largest[:, None] > 0
    )
    robustness = 1 - share
    best = robustness.max(axis=1)
    total = largest.sum()
    return ScoreResult(
        values={
            "irs": float(best @ largest / total) if total > 0 else 0.0,
            "active_channels": float((largest > 0).sum()),
        },
        per_channel={"irs": best, "largest_deviation": largest},
        matrices={"irs": robustness},
        factors=data.kept,
        notes=data.notes,
    )
