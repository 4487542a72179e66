"""Confidence intervals of information, NMI and VI of all pairs, from leaving images out.

Images are left out in groups (`jackknife`). The same subtraction removes the bias that falls as
1/n, so an interval is one of the information about *all* images, of which the n shown are a sample.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.channels.jackknife import GROUPS, IntervalEstimate, jackknife
from toolkit.information.channels.leave_group_out import (
    Groups,
    alone_without,
    in_groups,
    joint_without,
)
from toolkit.information.channels.pair_table import Blocks, Progress, Tile
from toolkit.information.checks import check_channels
from toolkit.information.gaussian import coefficients
from toolkit.information.pairwise import normalised_information, variation_of_information

BLOCK = 256  # channels of a side of the part of the table whose leave-out tables are held


@dataclass(frozen=True, kw_only=True)
class ChannelIntervals:
    """Intervals of everything in a comparison of channels.

    Arguments:
        information: (c,) bits.
        nmi: (c, c); NaN for a channel that knows nothing.
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
    channels is exactly at the edge of what it can be, and its interval is then too wide rather
    than too narrow. Takes a few times as long as `compare_channels`.

    Arguments:
        mean: a row per image, a column per channel; images drawn independently.
        log_variance: of the same shape, natural logarithm.
        generator: deals the images out to groups.
        groups: how many; each is left out once. Twice as many take about 1.5 times as long.
        level: probability that an interval holds its number.
        dtype: of the arithmetic and the results.
        device: where it is done; that of `mean` if not given.
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
    dealt = in_groups(channels, groups, generator=generator)
    once, twice = alone_without(dealt)
    size = mean.shape[1]
    tables = torch.empty(2, 4, size, size, dtype=dtype, device=where)
    blocks = Blocks(size=BLOCK, progress=progress)
    tiles = blocks.tiles(size, None)
    for (rows, columns), advance in blocks.watched(tiles, len(mean), symmetric=True):
        pair = _pairs_without(dealt, (once, twice), (rows, columns), advance)
        for table, values in zip(tables, pair, strict=True):
            interval = jackknife(values[0], values[1:], dealt.sizes, level=level)
            for part, number in zip(table, interval.parts, strict=True):
                part[rows, columns] = number
                part[columns, rows] = number.T
    names = ("estimate", "standard_error", "low", "high")
    nmi, vi = (IntervalEstimate(**dict(zip(names, table, strict=True))) for table in tables)
    return ChannelIntervals(
        information=jackknife(once[0], once[1:], dealt.sizes, level=level),
        nmi=nmi,
        vi=vi,
    )


def _pairs_without(
    dealt: Groups,
    alone: tuple[Float[Tensor, "h c"], Float[Tensor, "h c"]],
    tile: Tile,
    advance: Callable[[int], None],
) -> tuple[Float[Tensor, "h a b"], Float[Tensor, "h a b"]]:
    """NMI and VI of a block of pairs, with all images and without each group."""
    rows, columns = tile
    same = rows == columns
    joint = joint_without(dealt.take(rows), None if same else dealt.take(columns), advance=advance)
    once, twice = ((part[:, rows], part[:, columns]) for part in alone)
    if same:
        joint.diagonal(dim1=1, dim2=2).copy_(twice[0])
    tables = [
        (
            normalised_information((once[0][h], once[1][h]), (twice[0][h], twice[1][h]), joint[h]),
            variation_of_information((twice[0][h], twice[1][h]), joint[h]),
        )
        for h in range(len(joint))
    ]
    nmi, vi = zip(*tables, strict=True)
    return torch.stack(nmi), torch.stack(vi)
