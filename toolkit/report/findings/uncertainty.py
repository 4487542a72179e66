"""How sure the numbers are: intervals over probe images, upper bounds, and the ceiling log2 n."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from toolkit.information import (
    ChannelComparison,
    Interval,
    channel_upper_bound,
    information_intervals,
    pair_intervals,
)
from toolkit.report.spans import LEVEL, Span


@dataclass(frozen=True, kw_only=True)
class Certainty:
    """Of every channel, in order: interval and upper bound of its bits, and whether n decides them.

    Arguments:
        spans: where the bits would be with endlessly many images, 95 %.
        upper: bits at most about which of the n images was shown.
        saturated: whether the bits are so near log2 n that they are no more than a lower bound.
    """

    spans: tuple[Span, ...]
    upper: tuple[float, ...]
    saturated: tuple[bool, ...]


def certainty_of(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    comparison: ChannelComparison,
    *,
    resamples: int,
    seed: int,
) -> Certainty:
    """How sure the bits of all channels are.

    Arguments:
        mean: a row per image, a column per channel.
        log_variance: of the same shape.
        comparison: of these channels.
        resamples: groups of images that are left out in turn; at most one an image is made.
        seed: deals the images out.
    """
    found = information_intervals(
        mean,
        log_variance,
        generator=torch.Generator().manual_seed(seed),
        groups=min(resamples, len(mean)),
        level=LEVEL,
    )
    upper = channel_upper_bound(mean, log_variance)
    return Certainty(
        spans=_spans(found),
        upper=tuple(upper.tolist()),
        saturated=tuple(comparison.saturated.tolist()),
    )


def nmi_spans(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    groups: Sequence[Sequence[int]],
    comparison: ChannelComparison,
    *,
    resamples: int,
    seed: int,
) -> tuple[Span | None, ...]:
    """For each group of channels, where the mean NMI of two of them would be; 95 %.

    The errors of all pairs are taken to go together, as they are made by the same images: the ends
    are the means of the ends. So an interval is rather too wide than too narrow. None for a group
    with two channels that are together so near log2 n that the number of images decides.

    Arguments:
        mean: a row per image, a column per channel.
        log_variance: of the same shape.
        groups: positions of two channels or more each; may be none.
        comparison: of these channels.
        resamples, seed: as for `certainty_of`.
    """
    decided = comparison.saturated_pairs.numpy(force=True)
    within = [_pairs(group, decided) for group in groups]
    pairs = [pair for some in within for pair in some]
    if not pairs:
        return (None,) * len(groups)
    found = pair_intervals(
        mean,
        log_variance,
        torch.tensor(pairs, device=mean.device),
        generator=torch.Generator().manual_seed(seed),
        groups=min(resamples, len(mean)),
        level=LEVEL,
    ).nmi
    low, high = (end.numpy(force=True) for end in (found.low, found.high))
    ends = np.cumsum([0, *map(len, within)]).tolist()
    return tuple(_mean_ends(low[start:stop], high[start:stop]) for start, stop in pairwise(ends))


def _pairs(group: Sequence[int], decided: Bool[np.ndarray, "c c"]) -> list[tuple[int, int]]:
    """Every two channels of a group; none if n decides what two of them tell."""
    pairs = list(combinations(group, 2))
    return [] if any(decided[pair] for pair in pairs) else pairs


def _mean_ends(low: Float[np.ndarray, " p"], high: Float[np.ndarray, " p"]) -> Span | None:
    known = np.isfinite(low) & np.isfinite(high)
    if not known.any():
        return None
    return Span(low=float(low[known].mean()), high=float(high[known].mean()))


def _spans(found: Interval) -> tuple[Span, ...]:
    ends = zip(found.low.tolist(), found.high.tolist(), strict=True)
    return tuple(Span(low=low, high=high) for low, high in ends)
