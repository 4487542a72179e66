"""Confidence intervals of information, NMI and VI of all pairs, from leaving images out.

Images are left out in groups (`jackknife`). The same subtraction removes the bias that falls as
1/n, so an interval is one of the information about *all* images, of which the n shown are a sample.
Where the bias falls more slowly, the interval is widened on its side (`finite_size`).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.channels.finite_size import (
    interval_of_information,
    interval_of_nmi,
    interval_of_vi,
)
from toolkit.information.channels.jackknife import GROUPS, IntervalEstimate
from toolkit.information.channels.leave_group_out import (
    assign_to_groups,
    information_without_groups,
    joint_information_without_groups,
)
from toolkit.information.channels.pair_table import BlockPlan, Progress
from toolkit.information.checks import check_channels
from toolkit.information.gaussian import coefficients
from toolkit.information.pairwise import normalised_information, variation_of_information

BLOCK = 256  # channels of a side of the part of the table whose leave-out tables are held


@dataclass(frozen=True, kw_only=True)
class ChannelIntervals:
    """Intervals of everything in a comparison of channels.

    Arguments:
        information: (c,) bits.
        nmi: (c, c); NaN for a channel without information.
        vi: (c, c) bits.
    """

    information: IntervalEstimate
    nmi: IntervalEstimate
    vi: IntervalEstimate


def channel_intervals(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    generator: torch.Generator,
    groups: int = GROUPS,
    level: float = 0.95,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
) -> ChannelIntervals:
    """Intervals of the information of every channel, and of NMI and VI of every two.

    They are of the values that infinitely many images would give. They hold where neither the
    channels nor two of them together are near the ceiling (`is_saturated`); the NMI of unrelated
    channels lies at the edge of its range, and its interval is then rather too wide than too
    narrow. Takes a few times as long as `compare_channels`.

    Arguments:
        mean: one row per image, one column per channel; images drawn independently.
        log_variance: of the same shape, natural logarithm.
        generator: assigns the images to groups.
        groups: number of groups; each is left out once. Twice as many take about 1.5 times as long.
        level: probability that an interval holds its number.
        dtype: of the arithmetic and the results.
        device: of the arithmetic and the results; that of `mean` if not given.
        progress: called with the number of pairs done and the number of all.

    Raises:
        ToolkitError: the channels cannot be compared; the sentence says why.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(200, 1, generator=draw)
    >>> wide = channel_intervals(mean, torch.zeros(200, 1), generator=draw).information
    >>> bool(wide.low < wide.estimate) and bool(wide.estimate < wide.high)
    True
    """
    check_channels(mean, log_variance)
    where = mean.device if device is None else torch.device(device)
    channels = coefficients(mean, log_variance, dtype=dtype, device=where)
    grouped = assign_to_groups(channels, groups, generator=generator)
    single, doubled = information_without_groups(grouped)
    size = mean.shape[1]
    tables = torch.empty(2, 4, size, size, dtype=dtype, device=where)
    plan = BlockPlan(size=BLOCK, progress=progress)
    reported = plan.with_progress(plan.tiles(size, None), len(mean), symmetric=True)
    for (rows, columns), advance in reported:
        # Joint without groups
        diagonal = rows == columns
        partners = None if diagonal else grouped.take(columns)
        joint = joint_information_without_groups(grouped.take(rows), partners, advance=advance)
        if diagonal:
            joint.diagonal(dim1=1, dim2=2).copy_(doubled[:, rows])
        # NMI and VI
        nmi, vi = torch.empty_like(joint), torch.empty_like(joint)
        for h, joint_h in enumerate(joint):
            once = (single[h, rows], single[h, columns])
            twice = (doubled[h, rows], doubled[h, columns])
            nmi[h] = normalised_information(once, twice, joint_h)
            vi[h] = variation_of_information(twice, joint_h)
        # Both triangles
        intervals = (
            interval_of_nmi(nmi, grouped.sizes, level=level),
            interval_of_vi(vi, grouped.sizes, level=level),
        )
        for table, interval in zip(tables, intervals, strict=True):
            for part, number in zip(table, interval.parts, strict=True):
                part[rows, columns] = number
                part[columns, rows] = number.T
    names = ("estimate", "standard_error", "low", "high")
    nmi_estimate, vi_estimate = (
        IntervalEstimate(**dict(zip(names, table, strict=True))) for table in tables
    )
    return ChannelIntervals(
        information=interval_of_information(single, grouped.sizes, level=level),
        nmi=nmi_estimate,
        vi=vi_estimate,
    )
