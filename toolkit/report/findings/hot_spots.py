"""Records of hot spots: groups of channels with their stability, null, intervals and factors."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from toolkit.information import ChannelComparison
from toolkit.report.findings.factors import factors_of_channels
from toolkit.report.findings.uncertainty import Uncertainty, nmi_intervals
from toolkit.report.hot_spots import HotSpot
from toolkit.report.intervals import RANKED_DIGITS, Interval
from toolkit.report.settings import ComparisonSettings
from toolkit.structure import (
    Structure,
    groups_by_chance,
    share_by_chance,
    stability_of_groups,
)


def find_hot_spots(
    comparison: ChannelComparison,
    structure: Structure,
    posteriors: tuple[Tensor, Tensor],
    run_of_channel: Int[np.ndarray, " c"],
    uncertainty: Uncertainty,
    *,
    labels: Int[Tensor, "n k"] | None,
    factor_names: Sequence[str],
    settings: ComparisonSettings,
) -> tuple[HotSpot, ...]:
    """Groups with channels of two runs or more; those that are claimed first, by confirmed bits.

    Arguments:
        comparison: of all channels.
        structure: its groups.
        posteriors: mean and log-variance, one row per image, one column per channel.
        run_of_channel: position of the run of each channel, rising.
        uncertainty: of the bits of every channel.
        labels: known factors of the images, or None.
        factor_names: one per factor.
        settings: seed, threshold, and number of groups for intervals.
    """
    mean, log_variance = posteriors
    members = torch.from_numpy(run_of_channel)
    stability = stability_of_groups(
        structure,
        comparison,
        mean,
        log_variance,
        members,
        seed=settings.seed,
        threshold_bits=settings.threshold_bits,
    )
    shared = [
        (group, steady)
        for group, steady in zip(structure.groups, stability, strict=True)
        if len(group.members) > 1
    ]
    if not shared:
        return ()
    draws = groups_by_chance(
        mean,
        log_variance,
        members,
        comparison.information,
        method=structure.method,
        seed=settings.seed,
        threshold_bits=settings.threshold_bits,
    )
    intervals = nmi_intervals(
        mean,
        log_variance,
        [group.channels for group, _ in shared],
        comparison,
        settings=settings,
    )
    factors = factors_of_channels(
        comparison,
        mean,
        log_variance,
        [group.central for group, _ in shared],
        labels=labels,
        names=factor_names,
        settings=settings,
    )
    information = comparison.information.numpy(force=True)
    first_channel = np.searchsorted(run_of_channel, run_of_channel)
    spots = [
        HotSpot(
            rank=0,
            channels=group.channels,
            members=len(group.members),
            runs=int(run_of_channel[-1]) + 1,
            mean_bits=float(information[list(group.channels)].mean()),
            bits_interval=Interval(
                low=float(np.mean([uncertainty.intervals[c].low for c in group.channels])),
                high=float(np.mean([uncertainty.intervals[c].high for c in group.channels])),
            ),
            mean_nmi=group.mean_nmi,
            smallest_nmi=group.smallest_nmi,
            nmi_interval=interval,
            central=(
                int(run_of_channel[group.central]),
                int(group.central - first_channel[group.central]),
            ),
            splits=group.splits,
            stability=steady,
            by_chance=share_by_chance(group, draws),
            factors=matches,
            second=second,
        )
        for (group, steady), interval, (matches, second) in zip(
            shared, intervals, factors, strict=True
        )
    ]
    spots.sort(
        key=lambda spot: (
            not spot.claimed,
            -round(spot.members * spot.confirmed_bits, RANKED_DIGITS),
            spot.channels,
        )
    )
    return tuple(replace(spot, rank=rank) for rank, spot in enumerate(spots, start=1))
