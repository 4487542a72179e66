"""Intervals of each channel's bits, and of NMI and VI of chosen pairs, without all pairs.

As `channel_intervals`, but without the table of all pairs: the work grows with the number of
channels and of chosen pairs, times images squared.
"""

from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.channels.finite_size import (
    interval_of_information,
    interval_of_nmi,
    interval_of_vi,
)
from toolkit.information.channels.gram import IMAGES_PER_TASK, row_buffer, split_images
from toolkit.information.channels.jackknife import GROUPS, IntervalEstimate, LeftOut
from toolkit.information.channels.leave_group_out import (
    GroupedImages,
    Task,
    assign_to_groups,
    images_left_of,
    information_without_groups,
    log_sums_without_groups,
    tables_of,
)
from toolkit.information.checks import check_channels
from toolkit.information.gaussian import coefficients
from toolkit.information.pairwise import inverse_root_of_shared
from toolkit.threads import in_threads

PATCH = 1 << 17  # products of coefficients that are held at once


@dataclass(frozen=True, kw_only=True)
class PairIntervals:
    """Intervals of chosen pairs of channels, in their order.

    Arguments:
        nmi: (p,); NaN for a pair with a channel without information.
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
        mean: one row per image, one column per channel; images drawn independently.
        log_variance: of the same shape, natural logarithm.
        generator: assigns the images to groups.
        groups: number of groups; each is left out once.
        level: probability that an interval holds its number.
        dtype: of the arithmetic and the results.
        device: of the arithmetic and the results; that of `mean` if not given.

    Raises:
        ToolkitError: the channels cannot be compared; the sentence says why.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(200, 3, generator=draw)
    >>> found = information_intervals(mean, torch.zeros(200, 3), generator=draw)
    >>> found.low.shape, bool((found.low < found.high).all())
    (torch.Size([3]), True)
    """
    found = information_left_out(
        mean, log_variance, generator=generator, groups=groups, dtype=dtype, device=device
    )
    return interval_of_information(found.values, found.sizes, level=level)


def information_left_out(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    generator: torch.Generator,
    groups: int = GROUPS,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> LeftOut:
    """The bits behind `information_intervals`: by all images, without each group, and by parts.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(200, 3, generator=draw)
    >>> information_left_out(mean, torch.zeros(200, 3), generator=draw, groups=5).values.shape
    torch.Size([12, 3])
    """
    check_channels(mean, log_variance)
    where = mean.device if device is None else torch.device(device)
    channels = coefficients(mean, log_variance, dtype=dtype, device=where)
    grouped = assign_to_groups(channels, groups, generator=generator)
    single, _ = information_without_groups(grouped)
    return LeftOut(values=single, sizes=grouped.sizes)


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
        mean: one row per image, one column per channel; images drawn independently.
        log_variance: of the same shape, natural logarithm.
        pairs: positions of two different channels, one row per pair.
        generator: assigns the images to groups.
        groups: number of groups; each is left out once.
        level: probability that an interval holds its number.
        dtype: of the arithmetic and the results.
        device: of the arithmetic and the results; that of `mean` if not given.

    Raises:
        ToolkitError: the channels cannot be compared, or a row is not a pair of them.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(200, 3, generator=draw)
    >>> found = pair_intervals(mean, torch.zeros(200, 3), torch.tensor([[0, 2]]), generator=draw)
    >>> bool(found.nmi.low[0] < found.nmi.high[0]), found.vi.estimate.shape
    (True, torch.Size([1]))
    """
    nmi, vi = _pairs_left_out(
        mean, log_variance, pairs, generator=generator, groups=groups, dtype=dtype, device=device
    )
    return PairIntervals(
        nmi=interval_of_nmi(nmi.values, nmi.sizes, level=level),
        vi=interval_of_vi(vi.values, vi.sizes, level=level),
    )


def nmi_left_out(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    pairs: Int[Tensor, "p 2"],
    *,
    generator: torch.Generator,
    groups: int = GROUPS,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> LeftOut:
    """NMI of chosen pairs by all images, without each group, and by parts; see `pair_intervals`.

    >>> draw = torch.Generator().manual_seed(0)
    >>> mean, pairs = torch.randn(200, 3, generator=draw), torch.tensor([[0, 2]])
    >>> nmi_left_out(mean, torch.zeros(200, 3), pairs, generator=draw, groups=5).values.shape
    torch.Size([12, 1])
    """
    nmi, _ = _pairs_left_out(
        mean, log_variance, pairs, generator=generator, groups=groups, dtype=dtype, device=device
    )
    return nmi


def _pairs_left_out(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    pairs: Int[Tensor, "p 2"],
    *,
    generator: torch.Generator,
    groups: int,
    dtype: torch.dtype,
    device: torch.device | str | None,
) -> tuple[LeftOut, LeftOut]:
    """NMI and VI of chosen pairs by all images, without each group, and by parts."""
    check_channels(mean, log_variance)
    count = mean.shape[1]
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ToolkitError(f"pairs are {tuple(pairs.shape)}; give a (p, 2) table of channels.")
    wrong = (pairs < 0).any(1) | (pairs >= count).any(1) | (pairs[:, 0] == pairs[:, 1])
    if wrong.any():
        first, second = pairs[wrong][0].tolist()
        raise ToolkitError(
            f"channels {first} and {second} are not a pair of the {count} channels; give "
            f"two different positions from 0 to {count - 1}."
        )
    where = mean.device if device is None else torch.device(device)
    # Channels in pairs
    used, position = pairs.to(mean.device).unique(return_inverse=True)
    channels = coefficients(mean[:, used], log_variance[:, used], dtype=dtype, device=where)
    grouped = assign_to_groups(channels, groups, generator=generator)
    single, doubled = information_without_groups(grouped)
    joint = _joint_information_of_pairs(grouped, position.to(where))
    # NMI and VI
    first, second = position.to(where).T
    scale = inverse_root_of_shared(single, doubled)
    nmi = (single[:, first] + single[:, second] - joint) * (scale[:, first] * scale[:, second])
    vi = 2 * joint - (doubled[:, first] + doubled[:, second])
    return LeftOut(values=nmi, sizes=grouped.sizes), LeftOut(values=vi, sizes=grouped.sizes)


def _joint_information_of_pairs(
    grouped: GroupedImages, pairs: Int[Tensor, "p 2"]
) -> Float[Tensor, "h p"]:
    """Bits of both channels together, one row per table of `leave_group_out`."""
    groups = len(grouped.sizes)
    logs = grouped.channels.half_mean.new_zeros(tables_of(groups), len(pairs))

    def log_products(buffer: Float[Tensor, "k c n"], task: Task) -> Float[Tensor, "h p"]:
        group, images = task
        found = torch.zeros_like(logs)
        for some in split_images(images.stop - images.start, len(buffer), start=images.start):
            rows = grouped.channels.rows(some, out=buffer[: some.stop - some.start])
            many = max(1, PATCH // (rows.shape[0] * rows.shape[2]))
            for start in range(0, len(pairs), many):
                first, second = pairs[start : start + many].T
                products = rows[:, first].mul_(rows[:, second])
                found[:, start : start + many] += log_sums_without_groups(products, group, groups)
        return found

    def add(_: Task, found: Tensor) -> None:
        logs.add_(found)

    in_threads(
        log_products,
        list(grouped.tasks(IMAGES_PER_TASK)),
        add,
        scratch=partial(row_buffer, grouped.channels, IMAGES_PER_TASK),
        device=logs.device,
    )
    images_left = images_left_of(grouped.sizes)[:, None]
    return images_left.log2() - logs / images_left
