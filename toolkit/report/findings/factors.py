"""Channels beside known factors: NMI with its interval, and what it would be by chance."""

from collections.abc import Sequence

import numpy as np
import scipy
import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.information import ChannelComparison, pair_intervals
from toolkit.information.channels.factors import ChannelAndFactors
from toolkit.information.pairwise import inverse_root_of_shared
from toolkit.report.hot_spots import FactorMatch, HotSpot, SecondMatch
from toolkit.report.intervals import LEVEL, RANKED_DIGITS, Interval
from toolkit.report.settings import ComparisonSettings

NO_NOISE = -12.0  # log-variance: values one apart then overlap by e^-20000


def factors_of_channels(
    comparison: ChannelComparison,
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    channels: Sequence[int],
    *,
    labels: Int[Tensor, "n k"] | None,
    names: Sequence[str],
    settings: ComparisonSettings,
) -> list[tuple[tuple[FactorMatch, ...], SecondMatch | None]]:
    """For each channel its match with every factor, the largest first, and a second factor.

    The values of a factor are permuted 39 times to see what its NMI would be by chance; the largest
    of 39 is exceeded by chance with probability 1/40.

    Arguments:
        comparison: of all channels, with these labels.
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        channels: their positions.
        labels: known factors of the images, or None.
        names: one per factor.
        settings: seed, and number of groups for intervals.
    """
    if labels is None or not names:
        return [((), None) for _ in channels]
    intervals = _intervals(mean, log_variance, channels, labels, settings)
    # From bits to NMI
    scale = inverse_root_of_shared(comparison.information, comparison.doubled)
    label_scale = inverse_root_of_shared(
        comparison.label_information, comparison.label_doubled
    ).nan_to_num(0.0)
    found = []
    for position, channel in enumerate(channels):
        known = ChannelAndFactors(mean[:, channel], log_variance[:, channel], labels)
        generator = torch.Generator().manual_seed(settings.seed)
        matches = []
        for column, name in enumerate(names):
            nmi = float(comparison.label_nmi[channel, column].nan_to_num(0.0))
            chance = float(known.by_chance(column, generator=generator).max())
            matches.append(
                FactorMatch(
                    name=name,
                    nmi=nmi,
                    interval=intervals[position][column],
                    chance=chance * float(scale[channel] * label_scale[column]),
                )
            )
        order = sorted(range(len(names)), key=lambda k: -round(matches[k].nmi, RANKED_DIGITS))
        second = known.second_factor(order[0], generator=generator)
        found.append(
            (
                tuple(matches[column] for column in order),
                None
                if second is None
                else SecondMatch(name=names[second.factor], bits=second.bits, chance=second.chance),
            )
        )
    return found


def _intervals(
    mean: Tensor,
    log_variance: Tensor,
    channels: Sequence[int],
    labels: Tensor,
    settings: ComparisonSettings,
) -> list[list[Interval]]:
    """Of the NMI of every channel with every factor, which becomes a channel without noise."""
    codes = [column.unique(return_inverse=True)[1] for column in labels.T]
    factors = torch.stack(codes, dim=1).to(mean)
    spots, count = len(channels), len(codes)
    pairs = torch.cartesian_prod(torch.arange(spots), torch.arange(spots, spots + count))
    nmi = pair_intervals(
        torch.cat([mean[:, list(channels)], factors], dim=1),
        torch.cat([log_variance[:, list(channels)], torch.full_like(factors, NO_NOISE)], dim=1),
        pairs,
        generator=torch.Generator().manual_seed(settings.seed),
        groups=min(settings.resamples, len(mean)),
        level=LEVEL,
    ).nmi
    ends = [
        Interval(low=low, high=high)
        for low, high in zip(
            nmi.low.nan_to_num(0.0).tolist(), nmi.high.nan_to_num(0.0).tolist(), strict=True
        )
    ]
    return [ends[start : start + count] for start in range(0, len(ends), count)]


def matched_factors(spots: Sequence[HotSpot]) -> dict[int, str]:
    """Hot spots and factors matched one to one, so that the sum of their NMI is largest.

    Only matches above chance are kept (Kuhn's assignment, `scipy.optimize`).

    Arguments:
        spots: hot spots with the same known factors.

    Returns:
        From the rank of a hot spot to its factor.
    """
    if not spots or not spots[0].factors:
        return {}
    names = sorted(match.name for match in spots[0].factors)
    nmi = np.zeros((len(spots), len(names)))
    for row, spot in enumerate(spots):
        for match in spot.factors:
            if match.above_chance:
                nmi[row, names.index(match.name)] = match.nmi
    rows, columns = scipy.optimize.linear_sum_assignment(-nmi)
    return {
        spots[row].rank: names[column]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if nmi[row, column] > 0
    }
