"""How strong groups are if every member's axes point anywhere: what a hot spot has to exceed.

Members that know the same and agree on no axis in it still have channels in common, the more the
fewer channels they have.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.information import compare_channels, turn_axes
from toolkit.information.agreement import LEAST_AXES
from toolkit.information.checks import INFORMATIVE_BITS
from toolkit.structure.find import find_structure
from toolkit.structure.methods import Method
from toolkit.structure.records import Group

DRAWS = 19  # one more draw of the null is above all of them with probability 1/20
MOST_IMAGES = 300
MANY_CHANNELS, FEW_IMAGES = 1000, 100  # above so many channels, so few images


def share_by_chance(group: Group, draws: Sequence[Sequence[Group]]) -> float | None:
    """Share of draws with a group of as many members or more and as high a mean NMI or higher.

    Arguments:
        group: to be judged.
        draws: groups of each draw (`groups_by_chance`); without any there is no null, and no share.

    >>> weak = Group(channels=(0, 3), central=0, members=(0, 1), mean_nmi=0.5, smallest_nmi=0.5,
    ...              splits=())
    >>> strong = Group(channels=(0, 3), central=0, members=(0, 1), mean_nmi=0.9, smallest_nmi=0.9,
    ...                splits=())
    >>> share_by_chance(weak, [[weak], []]), share_by_chance(strong, [[weak], []])
    (0.5, 0.0)
    """
    if not draws:
        return None
    as_strong = sum(
        any(
            len(other.members) >= len(group.members) and other.mean_nmi >= group.mean_nmi
            for other in groups
        )
        for groups in draws
    )
    return as_strong / len(draws)


def groups_by_chance(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    members: Int[Tensor, " c"],
    information: Float[Tensor, " c"],
    *,
    method: Method,
    seed: int,
    threshold_bits: float = INFORMATIVE_BITS,
    draws: int = DRAWS,
) -> tuple[tuple[Group, ...], ...]:
    """The groups that are found under each draw of random axes.

    Members with fewer than two informative channels have no other axes and are left out; with fewer
    than two members left there is no null, and no draw is returned. By at most 300 images, 100
    for more than 1,000 channels: that changes an NMI less than another draw
    does.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        members: which member each channel belongs to.
        information: bits of each channel.
        method: that finds the groups.
        seed: of the axes.
        threshold_bits: a channel is informative if it has more bits than this.
        draws: how often all axes are turned.

    >>> from toolkit.structure import AverageLinkage
    >>> draw = torch.Generator().manual_seed(0)
    >>> mean, log_variance = torch.randn(100, 4, generator=draw), torch.full((100, 4), -4.0)
    >>> groups_by_chance(mean, log_variance, torch.arange(4), torch.ones(4), seed=0,
    ...                  method=AverageLinkage())
    ()
    """
    columns = [
        ((members == number) & (information > threshold_bits)).nonzero()[:, 0]
        for number in members.unique()
    ]
    columns = [channels for channels in columns if len(channels) >= LEAST_AXES]
    if len(columns) < 2:
        return ()
    count = sum(len(channels) for channels in columns)
    generator = torch.Generator().manual_seed(seed)
    most = MOST_IMAGES if count <= MANY_CHANNELS else FEW_IMAGES
    images = torch.randperm(len(mean), generator=generator)[:most].to(mean.device)
    part, log_part = mean[images], log_variance[images]
    return tuple(
        _groups(
            [turn_axes(part[:, at], log_part[:, at], generator=generator) for at in columns],
            method=method,
            threshold_bits=threshold_bits,
        )
        for _ in range(draws)
    )


def _groups(
    spaces: Sequence[tuple[Tensor, Tensor]], *, method: Method, threshold_bits: float
) -> tuple[Group, ...]:
    means, log_variances = zip(*spaces, strict=True)
    # Single precision does not resolve what a channel of 0.01 bits shares with itself
    comparison = compare_channels(torch.cat(means, dim=1), torch.cat(log_variances, dim=1))
    widths = torch.tensor([mean.shape[1] for mean in means])
    return find_structure(
        comparison,
        members=torch.arange(len(spaces)).repeat_interleave(widths),
        method=method,
        threshold_bits=threshold_bits,
    ).groups
