"""The main numbers with fewer probe images: whether there were enough of them."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from toolkit.information import (
    AXES_SEED,
    Agreement,
    ChannelComparison,
    compare_channels,
    random_axes_agreement,
)
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
    agreement: Agreement,
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
        agreement: of all runs by all images.
        seed: draws the images, each smaller set a part of the larger.
    """
    images, columns = len(mean), torch.from_numpy(np.flatnonzero(kept))
    if len(columns) == 0:
        return ()
    member, runs = torch.from_numpy(run_of_channel), int(run_of_channel[-1]) + 1
    whole = comparison.information.new_zeros(len(kept))
    whole[columns] = comparison.information[columns]
    points = [_size_point(images, whole, comparison.nmi, agreement, spots=spots, runs=runs)]
    drawn = torch.randperm(images, generator=torch.Generator().manual_seed(seed)).to(mean.device)
    for size in {*SIZES, images // 2}:
        if not 2 <= size < images:
            continue
        part = (mean[drawn[:size]], log_variance[drawn[:size]])
        smaller = compare_channels(*(channels[:, columns] for channels in part))
        information, nmi = torch.zeros_like(whole), torch.full_like(comparison.nmi, torch.nan)
        information[columns] = smaller.information
        nmi[columns[:, None], columns] = smaller.nmi
        found = random_axes_agreement(
            *part,
            member,
            information=information,
            nmi=nmi,
            seed=AXES_SEED,
            threshold_bits=0.0,  # the channels were chosen by all images
        )
        points.append(_size_point(size, information, nmi, found, spots=spots, runs=runs))
    return tuple(sorted(points, key=lambda point: point.images))


def _size_point(
    images: int,
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    agreement: Agreement,
    *,
    spots: Sequence[HotSpot],
    runs: int,
) -> SizePoint:
    bits, similarity = information.numpy(force=True), nmi.numpy(force=True)
    spot_nmi = []
    for spot in spots:
        group = list(spot.channels)
        pairs = similarity[np.ix_(group, group)][np.triu_indices(len(group), 1)]
        known = pairs[np.isfinite(pairs)]
        spot_nmi.append(float(known.mean()) if known.size else 0.0)
    return SizePoint(
        images=images,
        bits=float(bits.sum()) / runs,
        agreement=agreement,
        spot_bits=tuple(float(bits[list(spot.channels)].mean()) for spot in spots),
        spot_nmi=tuple(spot_nmi),
    )
