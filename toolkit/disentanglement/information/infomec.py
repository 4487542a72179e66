"""InfoM and InfoC: modularity and compactness from normalised mutual information.

Hsu et al. (2023), https://arxiv.org/abs/2305.18378
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le
from jaxtyping import Bool, Float, Num

from toolkit.disentanglement.information.neighbours import neighbour_table
from toolkit.disentanglement.information.table import Bins, information_table
from toolkit.disentanglement.inputs import Codes, Factors, gaps
from toolkit.disentanglement.record import Array, ScoreResult, SharedTable
from toolkit.disentanglement.settings import ScoreSettings


@dataclass(frozen=True, kw_only=True)
class InfoMECSettings(ScoreSettings):
    """Settings of InfoM and InfoC.

    Arguments:
        estimator: of mutual information of float codes: "neighbours" (Ross, 2014) or "binned".
        bins: of the binned estimator, see `Binning`.
        neighbours: of the neighbour estimator.
        least_range: float channels of a smaller share of the largest range are pruned.
    """

    estimator: Literal["neighbours", "binned"] = "neighbours"
    bins: Bins = 20
    neighbours: Annotated[int, Ge(1)] = 3
    least_range: Annotated[float, Ge(0), Le(1)] = 1 / 8


INFOMEC = InfoMECSettings()


@dataclass(frozen=True, kw_only=True)
class NormalisedTable:
    """Share of each factor's entropy that each channel holds, and which channels are in use.

    Arguments:
        share: (d, k), mutual information over the factor's entropy.
        active: (d,).
        kept: columns of the factors.
        notes: what was left out.
    """

    share: Float[Array, "d k"]
    active: Bool[Array, " d"]
    kept: tuple[int, ...]
    notes: tuple[str, ...]


def active_channels(codes: Num[Array, "n d"], *, least_range: float) -> Bool[Array, " d"]:
    """Channels whose range is above `least_range` times the largest range.

    >>> active_channels(np.array([[0.0, 0.0], [8.0, 1.0]]), least_range=1 / 8)
    array([ True, False])
    """
    extent = np.ptp(codes, axis=0)
    return np.asarray(extent > extent.max() * least_range)


def normalised_table(
    codes: Codes, factors: Factors, settings: InfoMECSettings = INFOMEC, *, seed: int
) -> NormalisedTable:
    """Estimate the table both scores read.

    Arguments:
        codes: (n, d). Integer codes are symbols: they are always counted and, because the distance
            of two symbols means nothing, in use where two symbols occur.
        factors: (n, k), indices of values.
        settings: the estimator, and which channels are in use.
        seed: of the noise in the neighbour estimator.
    """
    table = information_table(codes, factors, bins=settings.bins)
    values = table.data.codes
    if values.dtype.kind == "i":
        mutual, active = table.mutual, np.ptp(values, axis=0) > 0
    else:
        mutual = table.mutual
        active = active_channels(values, least_range=settings.least_range)
        if settings.estimator == "neighbours":
            mutual = neighbour_table(
                codes, table.data.factors, seed=seed, neighbours=settings.neighbours
            )
    return NormalisedTable(
        share=mutual / table.factor_entropy,
        active=active,
        kept=table.data.kept,
        notes=table.data.notes,
    )


NORMALISED = SharedTable(name="normalised", settings=InfoMECSettings, compute=normalised_table)


def _largest_share(rows: Float[Array, "r c"]) -> Float[Array, " r"]:
    """Largest entry over the sum of each row; of an even spread where all entries are 0."""
    total = rows.sum(axis=1)
    even = np.full_like(total, 1 / max(rows.shape[1], 1))
    largest = rows.max(axis=1, initial=0.0)
    return np.asarray(np.divide(largest, total, out=even, where=total > 0))


def _ratio(shares: Float[Array, " r"], *, parts: int) -> float:
    """Mean of shares, from [1 / parts, 1] to [0, 1]; one part cannot be divided, so it is whole."""
    if not len(shares) or parts == 0:
        return 0.0
    return 1.0 if parts == 1 else float((shares.mean() - 1 / parts) / (1 - 1 / parts))


def infom(
    codes: Codes,
    factors: Factors,
    settings: InfoMECSettings = INFOMEC,
    *,
    seed: int,
    table: NormalisedTable | None = None,
) -> ScoreResult:
    """Modularity: the share of its largest factor in what each channel tells; 0 to 1.

    Mean over active channels of max/sum over factors, rescaled so that an even spread is 0;
    channels that tell nothing are left out. `infom_gap` is the mean difference of a channel's
    two largest entries. No active channel that tells anything gives 0.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> infom(grid, grid, seed=0).values["infom"]
    1.0

    Arguments:
        codes: (n, d); integer codes are symbols.
        factors: (n, k), indices of values.
        settings: the estimator, and which channels are in use.
        seed: of the noise in the neighbour estimator.
        table: computed before from the same.

    Source: Hsu et al. (2023).
    """
    table = table or normalised_table(codes, factors, settings, seed=seed)
    # Channels in use that tell something
    informative = table.active & (table.share.sum(axis=1) > 0)
    largest_share, gap = _largest_share(table.share), gaps(table.share.T)
    return ScoreResult(
        values={
            "infom": _ratio(largest_share[informative], parts=table.share.shape[1]),
            "infom_gap": float(gap[table.active].mean()) if table.active.any() else 0.0,
            "active_channels": float(table.active.sum()),
        },
        per_channel={"infom": largest_share, "infom_gap": gap, "active": table.active},
        matrices={"normalised_information": table.share},
        factors=table.kept,
        notes=table.notes,
    )


def infoc(
    codes: Codes,
    factors: Factors,
    settings: InfoMECSettings = INFOMEC,
    *,
    seed: int,
    table: NormalisedTable | None = None,
) -> ScoreResult:
    """Compactness: the share of its largest channel in what is told of each factor; 0 to 1.

    Mean over factors of max/sum over active channels, rescaled so that an even spread is 0; a
    factor that no channel tells about counts as an even spread. `infoc_gap` is the mean difference
    of a factor's two largest entries over *all* channels, as published; `infoc_gap_active` over
    the active ones. One active channel gives 1, none 0.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> infoc(grid, grid, seed=0).values["infoc"]
    1.0

    Arguments:
        codes: (n, d); integer codes are symbols.
        factors: (n, k), indices of values.
        settings: the estimator, and which channels are in use.
        seed: of the noise in the neighbour estimator.
        table: computed before from the same.

    Source: Hsu et al. (2023).
    """
    table = table or normalised_table(codes, factors, settings, seed=seed)
    # Channels in use
    used = table.share[table.active]
    largest_share = _largest_share(used.T)
    gap = gaps(table.share)
    active_gap = gaps(used) if len(used) else np.zeros_like(gap)
    return ScoreResult(
        values={
            "infoc": _ratio(largest_share, parts=len(used)),
            "infoc_gap": float(gap.mean()),
            "infoc_gap_active": float(active_gap.mean()),
            "active_channels": float(table.active.sum()),
        },
        per_factor={"infoc": largest_share, "infoc_gap": gap, "infoc_gap_active": active_gap},
        per_channel={"active": table.active},
        matrices={"normalised_information": table.share},
        factors=table.kept,
        notes=table.notes,
    )
