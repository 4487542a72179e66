"""Groups of random axes: fewer dimensions have larger ones, and planted axes exceed them."""

import pytest
import torch
from torch import Tensor

from toolkit.information import compare_channels, turn_axes
from toolkit.structure import (
    AverageLinkage,
    Group,
    find_structure,
    groups_by_chance,
    share_by_chance,
)


def spaces(dimensions: int, members: int = 6) -> tuple[Tensor, Tensor, Tensor]:
    """The same normal space in every member, on the same axes."""
    draw = torch.Generator().manual_seed(dimensions)
    mean = torch.randn(150, dimensions, generator=draw, dtype=torch.float64).repeat(1, members)
    return mean, torch.full_like(mean, -4.0), torch.arange(members).repeat_interleave(dimensions)


def by_chance(mean: Tensor, log_variance: Tensor, member: Tensor) -> tuple[tuple[Group, ...], ...]:
    comparison = compare_channels(mean, log_variance)
    return groups_by_chance(
        mean, log_variance, member, comparison.information, method=AverageLinkage(), seed=0
    )


def test_more_dimensions_leave_weaker_groups() -> None:
    largest = [
        sum(
            max((len(group.members) for group in groups), default=0)
            for groups in by_chance(*spaces(dimensions))
        )
        for dimensions in (2, 3, 6)
    ]
    assert largest[0] > largest[1] > largest[2]


@pytest.mark.parametrize("dimensions", [2, 4])
def test_axes_that_all_members_share_are_in_no_draw(dimensions: int) -> None:
    mean, log_variance, member = spaces(dimensions)
    draws = by_chance(mean, log_variance, member)
    groups = find_structure(compare_channels(mean, log_variance), members=member).groups
    assert [share_by_chance(group, draws) for group in groups] == [0.0] * dimensions


def test_a_group_of_turned_axes_is_as_strong_as_the_draws() -> None:
    """Members that are turned already are one more draw of the null: one in ten passes, or so."""
    mean, log_variance, member = spaces(3)
    draws, dealer = by_chance(mean, log_variance, member), torch.Generator().manual_seed(5)
    shares = []
    for _ in range(20):
        turned = [
            turn_axes(mean[:, member == m], log_variance[:, member == m], generator=dealer)
            for m in range(6)
        ]
        axes, widths = (torch.cat(part, dim=1) for part in zip(*turned, strict=True))
        groups = find_structure(compare_channels(axes, widths), members=member).groups
        shares += [share_by_chance(group, draws) for group in groups]
    assert len(shares) > 60
    assert shares.count(0.0) <= 0.1 * len(shares)


def test_a_share_counts_draws_with_a_group_as_large_and_as_close() -> None:
    def group(members: int, nmi: float) -> Group:
        return Group(
            channels=tuple(range(members)),
            central=0,
            members=tuple(range(members)),
            mean_nmi=nmi,
            smallest_nmi=nmi,
            splits=(),
        )

    draws = [[group(3, 0.5), group(2, 0.9)], [group(4, 0.7)], [], [group(2, 0.6)]]
    shares = [share_by_chance(group(*pair), draws) for pair in ((3, 0.5), (2, 0.6), (3, 0.8))]
    assert shares == [0.5, 0.75, 0.0]
    assert share_by_chance(group(3, 0.8), []) is None


def test_members_with_one_channel_have_no_other_axis() -> None:
    assert by_chance(*spaces(1)) == ()


def test_the_same_seed_gives_the_same_groups() -> None:
    assert by_chance(*spaces(2)) == by_chance(*spaces(2))
