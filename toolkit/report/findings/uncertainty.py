"""How sure the numbers are: intervals over probe images, upper bounds, and the ceiling log2 n."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information import (
    ChannelComparison,
    LeftOut,
    channel_upper_bound,
    information_left_out,
    interval_of_information,
    pair_intervals,
)
from toolkit.report.intervals import LEVEL, Interval
from toolkit.report.settings import ComparisonSettings


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """How sure the bits of every channel are, in the order of the channels.

    Arguments:
        intervals: 95 % intervals of the bits that infinitely many images would give.
        upper: upper bounds, in bits, of the information about the n images shown.
        saturated: whether the bits are so near log2 n that they are only a lower bound.
        left_out: the bits with all images, and without each group of them.
    """

    intervals: tuple[Interval, ...]
    upper: tuple[float, ...]
    saturated: tuple[bool, ...]
    left_out: LeftOut


def uncertainty_of(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    comparison: ChannelComparison,
    *,
    settings: ComparisonSettings,
) -> Uncertainty:
    """How sure the bits of all channels are.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        comparison: of these channels.
        settings: number of groups of images, and the seed that assigns images to groups.
    """
    left_out = information_left_out(
        mean,
        log_variance,
        generator=torch.Generator().manual_seed(settings.seed),
        groups=min(settings.resamples, len(mean)),
    )
    estimate = interval_of_information(left_out.values, left_out.sizes, level=LEVEL)
    ends = zip(estimate.low.tolist(), estimate.high.tolist(), strict=True)
    return Uncertainty(
        intervals=tuple(Interval(low=low, high=high) for low, high in ends),
        upper=tuple(channel_upper_bound(mean, log_variance).tolist()),
        saturated=tuple(comparison.saturated.tolist()),
        left_out=left_out,
    )


def nmi_intervals(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    groups: Sequence[Sequence[int]],
    comparison: ChannelComparison,
    *,
    settings: ComparisonSettings,
) -> tuple[Interval | None, ...]:
    """For each group of channels the 95 % interval of the mean NMI of its pairs.

    The errors of all pairs are taken as fully correlated, because the same images cause them: the
    ends are the means of the ends, so an interval is rather too wide than too narrow. None for a
    group in which two channels together are so near log2 n that the number of images decides.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        groups: positions of two channels or more per group; may be empty.
        comparison: of these channels.
        settings: as for `uncertainty_of`.
    """
    saturated = comparison.saturated_pairs.numpy(force=True)
    pairs_of_groups = [list(combinations(group, 2)) for group in groups]
    pairs_of_groups = [
        [] if any(saturated[pair] for pair in pairs) else pairs for pairs in pairs_of_groups
    ]
    pairs = [pair for group_pairs in pairs_of_groups for pair in group_pairs]
    if not pairs:
        return (None,) * len(groups)
    nmi = pair_intervals(
        mean,
        log_variance,
        torch.tensor(pairs, device=mean.device),
        generator=torch.Generator().manual_seed(settings.seed),
        groups=min(settings.resamples, len(mean)),
        level=LEVEL,
    ).nmi
    low, high = (end.numpy(force=True) for end in (nmi.low, nmi.high))
    borders = np.cumsum([0, *map(len, pairs_of_groups)]).tolist()
    known = np.isfinite(low) & np.isfinite(high)
    intervals: list[Interval | None] = []
    for start, stop in pairwise(borders):
        inside = known[start:stop]
        lows, highs = low[start:stop][inside], high[start:stop][inside]
        intervals.append(
            Interval(low=float(lows.mean()), high=float(highs.mean())) if len(lows) else None
        )
    return tuple(intervals)
