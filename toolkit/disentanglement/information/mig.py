"""Mutual information gap, its supplement, and the joint-entropy version.

Chen et al. (2018), https://arxiv.org/abs/1802.04942; Li et al. (2020),
https://arxiv.org/abs/2002.10549; Do & Tran (2020), https://arxiv.org/abs/1908.09961
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge

from toolkit.disentanglement.information.table import (
    BINNING,
    Binning,
    InformationTable,
    information_table,
)
from toolkit.disentanglement.inputs import Codes, Factors, gaps
from toolkit.disentanglement.record import ScoreResult


@dataclass(frozen=True, kw_only=True)
class MIGSupSettings(Binning):
    """Settings of MIG-sup.

    Arguments:
        bins: see `Binning`.
        least_variance: variance up to which a float channel counts as unused, in squared units of
            the codes.
    """

    least_variance: Annotated[float, Ge(0)] = 0.01


MIG_SUP = MIGSupSettings()


def mig(
    codes: Codes,
    factors: Factors,
    settings: Binning = BINNING,
    *,
    seed: int,
    table: InformationTable | None = None,
) -> ScoreResult:
    """How far ahead the most informative channel of a factor is of the second; 0 to 1.

    For each factor, (largest - second largest mutual information) / entropy of the factor, then
    the mean over factors. With one channel the second is 0. Binned mutual information grows with
    bins / images: compare values only at equal numbers of both.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> mig(grid.astype(float), grid, seed=0).values
    {'mig': 1.0}

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: the bins.
        seed: not used; nothing is drawn.
        table: counts computed before from the same codes, factors and bins.

    Source: Chen et al. (2018); protocol of Locatello et al. (2019).
    """
    del seed
    table = table or information_table(codes, factors, bins=settings.bins)
    gap = gaps(table.mutual) / table.factor_entropy
    return ScoreResult(
        values={"mig": float(gap.mean())},
        per_factor={"mig": gap},
        matrices={"mutual_information": table.mutual},
        factors=table.data.kept,
        notes=table.data.notes,
    )


def mig_sup(
    codes: Codes,
    factors: Factors,
    settings: MIGSupSettings = MIG_SUP,
    *,
    seed: int,
    table: InformationTable | None = None,
) -> ScoreResult:
    """How far ahead a channel's first factor is of its second; the view from the channels; 0 to 1.

    For each channel, the gap between its two largest values of I(channel; factor) / H(factor);
    then the mean over meaningful channels, those whose variance over the images is above
    `least_variance` (of integer codes: that take two symbols); 0 where none is. `mig_sup_all` is
    the mean over all. With one factor the second is 0.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> mig_sup(grid.astype(float), grid, seed=0).values["mig_sup"]
    1.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: the bins, and which channels are meaningful.
        seed: not used; nothing is drawn.
        table: counts computed before from the same codes, factors and bins.

    Source: Li et al. (2020).
    """
    del seed
    table = table or information_table(codes, factors, bins=settings.bins)
    gap = gaps((table.mutual / table.factor_entropy).T)
    values = table.data.codes
    meaningful = np.ptp(values, axis=0) > 0
    if values.dtype.kind != "i":  # the distance of two symbols means nothing
        meaningful &= values.var(axis=0) > settings.least_variance
    return ScoreResult(
        values={
            "mig_sup": float(gap[meaningful].mean()) if meaningful.any() else 0.0,
            "mig_sup_all": float(gap.mean()),
            "meaningful_channels": float(meaningful.sum()),
        },
        per_channel={"mig_sup": gap},
        matrices={"mutual_information": table.mutual},
        factors=table.data.kept,
        notes=table.data.notes,
    )


def jemmig(
    codes: Codes,
    factors: Factors,
    settings: Binning = BINNING,
    *,
    seed: int,
    table: InformationTable | None = None,
) -> ScoreResult:
    """Joint entropy less the gap: low when one channel tells the factor and nothing else.

    For factor y with best channel z* and second best z', H(z*, y) - I(z*; y) + I(z'; y), in
    nats, the mean over factors; `jemmig_normalised` is the mean of
    1 - that / (H(y) + log bins), 0 to 1, high is good.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> jemmig(grid.astype(float), grid, Binning(bins=2), seed=0).values["jemmig_normalised"]
    1.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: the bins; integer channels have as many as symbols.
        seed: not used; nothing is drawn.
        table: counts computed before from the same codes, factors and bins.

    Source: Do & Tran (2020).
    """
    del seed
    table = table or information_table(codes, factors, bins=settings.bins)
    best = table.mutual.argmax(axis=0)
    largest = table.mutual.max(axis=0)
    joint = table.channel_entropy[best] + table.factor_entropy - largest
    nats = np.maximum(joint - gaps(table.mutual), 0.0)
    bound = table.factor_entropy + np.log(table.bins[best])
    normalised = 1 - nats / bound
    return ScoreResult(
        values={
            "jemmig_nats": float(nats.mean()),
            "jemmig_normalised": float(normalised.mean()),
        },
        per_factor={"jemmig_nats": nats, "jemmig_normalised": normalised},
        matrices={"mutual_information": table.mutual},
        factors=table.data.kept,
        notes=table.data.notes,
    )
