"""InfoM and InfoC: modularity and compactness from normalised mutual information.

Hsu et al. (2023), https://arxiv.org/abs/2305.18378
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Num

from toolkit.disentanglement.information.neighbours import neighbour_table
from toolkit.disentanglement.information.table import information_table
from toolkit.disentanglement.inputs import Codes, Factors, gaps
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError

Estimator = Literal["neighbours", "binned"]


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
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    estimator: Estimator = "neighbours",
    bins: int | str = 20,
    neighbours: int = 3,
    least_range: float = 1 / 8,
) -> NormalisedTable:
    """Estimate the table both scores read.

    Arguments:
        codes: (n, d). Integer codes are symbols: they are always counted and, because the distance
            of two symbols means nothing, in use where two symbols occur.
        factors: (n, k), indices of values.
        seed: of the noise in the neighbour estimator.
        estimator: "neighbours" (continuous) or "binned".
        bins: of the binned estimator.
        neighbours: of the neighbour estimator.
        least_range: channels of a smaller share of the largest range are pruned.
    """
    if estimator not in ("neighbours", "binned"):
        raise ToolkitError(
            f"no estimator of mutual information is called {estimator!r}. "
            "Known: binned, neighbours."
        )
    table = information_table(codes, factors, bins=bins)
    values = table.data.codes
    symbols = values.dtype.kind == "i"
    mutual = table.mutual
    if estimator == "neighbours" and not symbols:
        mutual = neighbour_table(codes, table.data.factors, seed=seed, neighbours=neighbours)
    return NormalisedTable(
        share=mutual / table.factor_entropy,
        active=np.ptp(values, axis=0) > 0
        if symbols
        else active_channels(values, least_range=least_range),
        kept=table.data.kept,
        notes=table.data.notes,
    )


def _largest_share(rows: Float[Array, "r c"]) -> Float[Array, " r"]:
    """Largest entry over the sum of each row; what an uninformative row has where all is 0."""
    total = rows.sum(axis=1)
    even = np.full_like(total, 1 / max(rows.shape[1], 1))
    largest = rows.max(axis=1, initial=0.0)
    return np.asarray(np.divide(largest, total, out=even, where=total > 0))


def _ratio(shares: Float[Array, " r"], *, parts: int) -> float:
    """Mean of shares, from [1 / parts, 1] to [0, 1]; one part cannot be divided, so it is whole."""
    if not len(shares) or parts == 0:
        return 0.0
    return 1.0 if parts == 1 else float((shares.mean() - 1 / parts) / (1 - 1 / parts))


def _result(
    table: NormalisedTable,
    *,
    values: dict[str, float],
    per_channel: dict[str, Array] | None = None,
    per_factor: dict[str, Array] | None = None,
) -> ScoreResult:
    """What both scores tell beside their own numbers."""
    return ScoreResult(
        values={**values, "active_channels": float(table.active.sum())},
        per_factor=per_factor or {},
        per_channel={**(per_channel or {}), "active": table.active},
        matrices={"normalised_information": table.share},
        factors=table.kept,
        notes=table.notes,
    )


def infom(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    estimator: Estimator = "neighbours",
    bins: int | str = 20,
    neighbours: int = 3,
    least_range: float = 1 / 8,
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
        seed: of the noise in the neighbour estimator.
        estimator, bins, neighbours, least_range: see `normalised_table`.
        table: made before from the same.

    Source: Hsu et al. (2023).
    """
    table = table or normalised_table(
        codes,
        factors,
        seed=seed,
        estimator=estimator,
        bins=bins,
        neighbours=neighbours,
        least_range=least_range,
    )
    telling = table.active & (table.share.sum(axis=1) > 0)
    each, gap = _largest_share(table.share), gaps(table.share.T)
    return _result(
        table,
        values={
            "infom": _ratio(each[telling], parts=table.share.shape[1]),
            "infom_gap": float(gap[table.active].mean()) if table.active.any() else 0.0,
        },
        per_channel={"infom": each, "infom_gap": gap},
    )


def infoc(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    estimator: Estimator = "neighbours",
    bins: int | str = 20,
    neighbours: int = 3,
    least_range: float = 1 / 8,
    table: NormalisedTable | None = None,
) -> ScoreResult:
    """Compactness: the share of its largest channel in what is told of each factor; 0 to 1.

    Mean over factors of max/sum over active channels, rescaled so that an even spread is 0; a
    factor nobody tells about counts as an even spread. `infoc_gap` is the mean difference of a
    factor's two largest entries over *all* channels, as published; `infoc_gap_active` over the
    active ones. One active channel gives 1, none 0.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> infoc(grid, grid, seed=0).values["infoc"]
    1.0

    Arguments:
        codes: (n, d); integer codes are symbols.
        factors: (n, k), indices of values.
        seed: of the noise in the neighbour estimator.
        estimator, bins, neighbours, least_range: see `normalised_table`.
        table: made before from the same.

    Source: Hsu et al. (2023).
    """
    table = table or normalised_table(
        codes,
        factors,
        seed=seed,
        estimator=estimator,
        bins=bins,
        neighbours=neighbours,
        least_range=least_range,
    )
    used = table.share[table.active]
    each = _largest_share(used.T)
    gap = gaps(table.share)
    active_gap = gaps(used) if len(used) else np.zeros_like(gap)
    return _result(
        table,
        values={
            "infoc": _ratio(each, parts=len(used)),
            "infoc_gap": float(gap.mean()),
            "infoc_gap_active": float(active_gap.mean()),
        },
        per_factor={"infoc": each, "infoc_gap": gap, "infoc_gap_active": active_gap},
    )
