"""The main numbers with fewer probe images: the honest way to see whether there were enough."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from toolkit.information import ChannelComparison, compare_at_sizes
from toolkit.report.findings.agreement import agreement_of_each, agreement_table
from toolkit.report.records import HotSpot, SizePoint

SIZES = (100, 300, 1000)


def numbers_at_sizes(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    comparison: ChannelComparison,
    *,
    owner: Int[np.ndarray, " c"],
    kept: Bool[np.ndarray, " c"],
    spots: Sequence[HotSpot],
    seed: int,
) -> tuple[SizePoint, ...]:
    """The same channels and hot spots by 100, 300, 1,000 and half of the images, and by all.

    A number that still grows at the end is not yet the channel's own.

    Arguments:
        mean: a row per image, a column per channel.
        log_variance: of the same shape.
        comparison: of these channels by all images.
        owner: position of the run that each channel belongs to.
        kept: channels that tell enough; the others are not looked at.
        spots: hot spots by rank.
        seed: draws the images.
    """
    images, columns = len(mean), torch.from_numpy(np.flatnonzero(kept))
    if len(columns) == 0:
        return ()
    fewer = [size for size in {*SIZES, images // 2} if 2 <= size < images]
    whole = (comparison.information[columns], comparison.nmi[columns][:, columns])
    by_size = {images: whole}
    if fewer:
        smaller = compare_at_sizes(
            mean[:, columns],
            log_variance[:, columns],
            generator=torch.Generator().manual_seed(seed),
            sizes=fewer,
        )
        by_size |= {size: (made.information, made.nmi) for size, made in smaller.items()}
    place = {int(column): row for row, column in enumerate(columns)}
    groups = [[place[channel] for channel in spot.channels] for spot in spots]
    runs = int(owner[-1]) + 1
    return tuple(
        _point(size, *by_size[size], owner=owner[kept], groups=groups, runs=runs)
        for size in sorted(by_size)
    )


def _point(
    images: int,
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    *,
    owner: Int[np.ndarray, " c"],
    groups: Sequence[Sequence[int]],
    runs: int,
) -> SizePoint:
    bits, alike = information.numpy(force=True), nmi.numpy(force=True)
    found = agreement_table(
        bits,
        np.nan_to_num(alike, nan=0.0),
        owner,
        kept=np.ones(len(bits), bool),
        among=tuple(range(runs)),
    )
    told = np.bincount(owner, weights=bits, minlength=runs)
    return SizePoint(
        images=images,
        bits=float(bits.sum()) / runs,
        agreement=float(np.average(agreement_of_each(found), weights=told)) if told.any() else 0.0,
        spot_bits=tuple(float(bits[group].mean()) for group in groups),
        spot_nmi=tuple(_mean_inside(alike[np.ix_(group, group)]) for group in groups),
    )


def _mean_inside(alike: Float[np.ndarray, "g g"]) -> float:
    """Mean over pairs of two different channels; 0 where none has an NMI."""
    pairs = alike[np.triu_indices(len(alike), 1)]
    known = pairs[np.isfinite(pairs)]
    return float(known.mean()) if known.size else 0.0
