"""The main numbers with fewer probe images: whether there were enough of them."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from toolkit.information import ChannelComparison, compare_at_sizes
from toolkit.report.findings.agreement import agreement_of_each, agreement_table
from toolkit.report.hot_spots import HotSpot
from toolkit.report.records import SizePoint

SIZES = (100, 300, 1000)


def numbers_at_sizes(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    comparison: ChannelComparison,
    *,
    run_of_channel: Int[np.ndarray, " c"],
    kept: Bool[np.ndarray, " c"],
    spots: Sequence[HotSpot],
    seed: int,
) -> tuple[SizePoint, ...]:
    """The same channels and hot spots by 100, 300, 1,000 and half of the images, and by all.

    A number that still grows at the end depends on the number of images, not on the channel alone.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        comparison: of these channels by all images.
        run_of_channel: position of the run that each channel belongs to.
        kept: channels with enough bits; the others are ignored.
        spots: hot spots by rank.
        seed: draws the images.
    """
    images, columns = len(mean), torch.from_numpy(np.flatnonzero(kept))
    if len(columns) == 0:
        return ()
    fewer = [size for size in {*SIZES, images // 2} if 2 <= size < images]
    by_size = {images: (comparison.information[columns], comparison.nmi[columns][:, columns])}
    if fewer:
        comparisons = compare_at_sizes(
            mean[:, columns],
            log_variance[:, columns],
            generator=torch.Generator().manual_seed(seed),
            sizes=fewer,
        )
        by_size |= {
            size: (smaller.information, smaller.nmi) for size, smaller in comparisons.items()
        }
    row_of = {int(column): row for row, column in enumerate(columns)}
    return tuple(
        _size_point(
            size,
            *by_size[size],
            run_of_channel=run_of_channel[kept],
            groups=[[row_of[channel] for channel in spot.channels] for spot in spots],
            runs=int(run_of_channel[-1]) + 1,
        )
        for size in sorted(by_size)
    )


def _size_point(
    images: int,
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    *,
    run_of_channel: Int[np.ndarray, " c"],
    groups: Sequence[Sequence[int]],
    runs: int,
) -> SizePoint:
    bits, similarity = information.numpy(force=True), nmi.numpy(force=True)
    table = agreement_table(
        bits,
        np.nan_to_num(similarity, nan=0.0),
        run_of_channel,
        kept=np.ones(len(bits), bool),
        among=tuple(range(runs)),
    )
    bits_of_run = np.bincount(run_of_channel, weights=bits, minlength=runs)
    agreement = 0.0
    if bits_of_run.any():
        agreement = float(np.average(agreement_of_each(table), weights=bits_of_run))
    spot_nmi = []
    for group in groups:
        pairs = similarity[np.ix_(group, group)][np.triu_indices(len(group), 1)]
        known = pairs[np.isfinite(pairs)]
        spot_nmi.append(float(known.mean()) if known.size else 0.0)
    return SizePoint(
        images=images,
        bits=float(bits.sum()) / runs,
        agreement=agreement,
        spot_bits=tuple(float(bits[group].mean()) for group in groups),
        spot_nmi=tuple(spot_nmi),
    )
