"""Groups of random axes: fewer dimensions have stronger ones, and planted axes exceed them."""

import pytest
import torch
from torch import Tensor

from toolkit.information import compare_channels, turn_axes
from toolkit.structure import AverageLinkage, find_structure, strength, strengths_by_chance


def spaces(dimensions: int, members: int = 6) -> tuple[Tensor, Tensor, Tensor]:
    """The same normal space in every member, on the same axes."""
    draw = torch.Generator().manual_seed(dimensions)
    mean = torch.randn(150, dimensions, generator=draw, dtype=torch.float64).repeat(1, members)
    return mean, torch.full_like(mean, -4.0), torch.arange(members).repeat_interleave(dimensions)


def by_chance(mean: Tensor, log_variance: Tensor, member: Tensor) -> tuple[float, ...]:
    comparison = compare_channels(mean, log_variance)
    return strengths_by_chance(
        mean, log_variance, member, comparison.information, method=AverageLinkage(), seed=0
    )


def test_more_dimensions_leave_weaker_groups() -> None:
    mean = [sum(by_chance(*spaces(dimensions))) / 19 for dimensions in (2, 3, 6)]
    assert mean[0] > mean[1] > mean[2]


@pytest.mark.parametrize("dimensions", [2, 4])
def test_axes_that_all_members_share_exceed_every_draw(dimensions: int) -> None:
    mean, log_variance, member = spaces(dimensions)
    structure = find_structure(compare_channels(mean, log_variance), members=member)
    assert len(structure.groups) == dimensions
    assert min(map(strength, structure.groups)) > max(by_chance(mean, log_variance, member))


def test_turned_axes_exceed_the_null_one_time_in_twenty() -> None:
    """Members that are turned already: their strongest group is one more draw of the null."""
    mean, log_variance, member = spaces(3)
    dealer = torch.Generator().manual_seed(5)
    above = 0
    for _ in range(20):
        turned = [
            turn_axes(mean[:, member == m], log_variance[:, member == m], generator=dealer)
            for m in range(6)
        ]
        axes, widths = (torch.cat(part, dim=1) for part in zip(*turned, strict=True))
        structure = find_structure(compare_channels(axes, widths), members=member)
        strongest = max(map(strength, structure.groups), default=0.0)
        above += strongest > max(by_chance(axes, widths, member))
    assert above <= 4


def test_members_with_one_channel_have_no_other_axis() -> None:
    assert by_chance(*spaces(1)) == ()


def test_the_same_seed_gives_the_same_strengths() -> None:
    assert by_chance(*spaces(2)) == by_chance(*spaces(2))


def test_channels_just_above_the_threshold_have_strengths_too() -> None:
    draw = torch.Generator().manual_seed(0)
    mean = 0.2 * torch.randn(40, 60, generator=draw)
    log_variance = torch.full_like(mean, -0.2)
    single = compare_channels(mean, log_variance, dtype=torch.float32)
    assert single.nmi.diagonal()[single.information > 0.01].isnan().any()
    strengths = by_chance(mean, log_variance, torch.arange(2).repeat_interleave(30))
    assert all(0 <= value < torch.inf for value in strengths)
