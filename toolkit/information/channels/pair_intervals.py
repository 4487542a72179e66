"""Intervals of each channel's bits, and of NMI and VI of chosen pairs, at little cost.

As `channel_intervals`, but without the table of all pairs: the work grows with the number of
channels and of chosen pairs, times images squared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.channels.gram import PORTION, portions, space_of
from toolkit.information.channels.jackknife import GROUPS, IntervalEstimate, jackknife
from toolkit.information.channels.leave_group_out import (
    Groups,
    Part,
    alone_without,
    in_groups,
    left_of,
    logs_without,
)
from toolkit.information.checks import check_channels
from toolkit.information.gaussian import coefficients
from toolkit.information.pairwise import one_over_root
from toolkit.threads import in_threads

PATCH = 1 << 17  # products of coefficients that are held at once


@dataclass(frozen=True, kw_only=True)
class PairIntervals:
    """Intervals of chosen pairs of channels, in the order in which they were asked for.

    Arguments:
        nmi: (p,); NaN for a pair with a channel that knows nothing.
        vi: (p,) bits.
    """

    nmi: IntervalEstimate
    vi: IntervalEstimate


def information_intervals(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    generator: torch.Generator,
    groups: int = GROUPS,
    level: float = 0.95,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> IntervalEstimate:
    """The interval of each channel's information, in bits, without any pair: costs c n^2.

    It is of the value that infinitely many images would give, and holds where the channel is not
    near the ceiling (`is_saturated`).

    Arguments:
        mean: a row per image, a column per channel; images drawn independently.
        log_variance: of the same shape, natural logarithm.
        generator: deals the images out to groups.
        groups: how many; each is left out once.
        level: probability that an interval holds its number.
        dtype: of the arithmetic and the results.
        device: where it is done; that of `mean` if not given.

    Raises:
        ToolkitError: the channels cannot be compared; the sentence says why.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(200, 3, generator=draw)
    >>> found = information_intervals(mean, torch.zeros(200, 3), generator=draw)
    >>> found.low.shape, bool((found.low < found.high).all())
    (torch.Size([3]), True)
    """
    check_channels(mean, log_variance)
    where = mean.device if device is None else torch.device(device)
    channels = coefficients(mean, log_variance, dtype=dtype, device=where)
    dealt = in_groups(channels, groups, generator=generator)
    once, _ = alone_without(dealt)
    return jackknife(once[0], once[1:], dealt.sizes, level=level)


def pair_intervals(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    pairs: Int[Tensor, "p 2"],
    *,
    generator: torch.Generator,
    groups: int = GROUPS,
    level: float = 0.95,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> PairIntervals:
    """Intervals of NMI and VI of chosen pairs, as `channel_intervals` gives for all.

    They hold where the two channels together are not near the ceiling (`saturated_pairs`). Costs
    p n^2, and c n^2 for the channels that are in a pair.

    Arguments:
        mean: a row per image, a column per channel; images drawn independently.
        log_variance: of the same shape, natural logarithm.
        pairs: places of two different channels, a row each.
        generator: deals the images out to groups.
        groups: how many; each is left out once.
        level: probability that an interval holds its number.
        dtype: of the arithmetic and the results.
        device: where it is done; that of `mean` if not given.

    Raises:
        ToolkitError: the channels cannot be compared, or a pair names no two of them.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(200, 3, generator=draw)
    >>> found = pair_intervals(mean, torch.zeros(200, 3), torch.tensor([[0, 2]]), generator=draw)
    >>> bool(found.nmi.low[0] < found.nmi.high[0]), found.vi.estimate.shape
    (True, torch.Size([1]))
    """
    check_channels(mean, log_variance)
    _check_pairs(pairs, mean.shape[1])
    where = mean.device if device is None else torch.device(device)
    named, position = pairs.to(mean.device).unique(return_inverse=True)
    given = (mean[:, named], log_variance[:, named])
    dealt = in_groups(coefficients(*given, dtype=dtype, device=where), groups, generator=generator)
    once, twice = alone_without(dealt)
    joint = _joint_of_pairs(dealt, position.to(where))
    one, other = position.to(where).T
    share = one_over_root(once, twice)
    nmi = (once[:, one] + once[:, other] - joint) * (share[:, one] * share[:, other])
    vi = 2 * joint - (twice[:, one] + twice[:, other])
    nmi_interval, vi_interval = (
        jackknife(values[0], values[1:], dealt.sizes, level=level) for values in (nmi, vi)
    )
    return PairIntervals(nmi=nmi_interval, vi=vi_interval)


def _check_pairs(pairs: Int[Tensor, "..."], channels: int) -> None:
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ToolkitError(f"pairs are {tuple(pairs.shape)}; give a row of two channels for each.")
    wrong = (pairs < 0).any(1) | (pairs >= channels).any(1) | (pairs[:, 0] == pairs[:, 1])
    if wrong.any():
        first = pairs[wrong][0].tolist()
        raise ToolkitError(
            f"channels {first[0]} and {first[1]} are no pair of the {channels} channels; give two "
            f"different places from 0 to {channels - 1}."
        )


def _joint_of_pairs(given: Groups, pairs: Int[Tensor, "p 2"]) -> Float[Tensor, "h p"]:
    """Bits of both channels together: with all images first, then without each group."""
    logs = given.channels.half_mean.new_zeros(len(given.sizes) + 1, len(pairs))

    def take(_: Part, found: Tensor) -> None:
        logs.add_(found)

    parts, place = list(given.stream(PORTION)), partial(space_of, given.channels, PORTION)
    work: Callable[[Tensor, Part], Tensor] = partial(_logs_of_pairs, given, pairs)
    in_threads(work, parts, take, place=place, device=logs.device)
    images_left = left_of(given.sizes)[:, None]
    return images_left.log2() - logs / images_left


def _logs_of_pairs(
    given: Groups, pairs: Int[Tensor, "p 2"], space: Float[Tensor, "k c n"], part: Part
) -> Float[Tensor, "h p"]:
    group, images = part
    logs = space.new_zeros(len(given.sizes) + 1, len(pairs))
    for chosen in portions(images.stop - images.start, len(space), start=images.start):
        rows = given.channels.rows(chosen, out=space[: chosen.stop - chosen.start])
        many = max(1, PATCH // (rows.shape[0] * rows.shape[2]))
        for start in range(0, len(pairs), many):
            one, other = pairs[start : start + many].T
            both = rows[:, one].mul_(rows[:, other])
            logs[:, start : start + many] += logs_without(both, group, len(given.sizes))
    return logs
