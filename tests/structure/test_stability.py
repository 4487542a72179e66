"""Whether groups come back: planted groups do, chance ones do not, and the counts are right."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from toolkit.information import ChannelComparison, compare_channels
from toolkit.structure import Group, Stability, Structure, find_structure, stability_of_groups
from toolkit.structure.stability import Resample


def group(*channels: int) -> Group:
    return Group(
        channels=channels,
        central=channels[0],
        members=(),
        mean_nmi=1.0,
        smallest_nmi=1.0,
        splits=(),
    )


def resample(*groups: set[int], absent: int | None = None) -> Resample:
    present = np.ones(10, bool)
    if absent is not None:
        present[absent] = False
    return Resample(groups=tuple(frozenset(some) for some in groups), present=present)


@pytest.mark.parametrize(
    ("found", "back"),
    [
        ([{0, 1, 2}], True),
        ([{0, 1, 2, 3, 4}], True),  # 3 of 5
        ([{0, 1, 2, 3, 4, 5}], False),  # 3 of 6 is no more than half
        ([{0, 1}, {2, 5}], True),
        ([{0}, {1}, {2}], False),
        ([], False),
    ],
)
def test_a_group_comes_back_if_more_than_half_of_the_union_is_common(
    found: list[set[int]], back: bool
) -> None:
    assert (resample(*found).partner(group(0, 1, 2)) is not None) == back


def test_channels_that_were_not_there_do_not_count() -> None:
    assert resample({0, 1}, absent=2).partner(group(0, 1, 2, 2)) == {0, 1}


def planted(members: int, *, noise: float) -> tuple[Tensor, Tensor]:
    """One piece that all members know clearly, and one that comes through `noise`."""
    draw = torch.Generator().manual_seed(0)
    pieces = torch.randn(200, 2, generator=draw, dtype=torch.float64)
    own = torch.randn(200, members, 2, generator=draw, dtype=torch.float64)
    mean = pieces[:, None] + own * torch.tensor([0.05, noise])
    return mean.reshape(200, -1), torch.arange(members).repeat_interleave(2)


@pytest.mark.parametrize("members", [3, 10])
def test_a_planted_piece_comes_back_every_time(members: int) -> None:
    mean, member = planted(members, noise=3.0)
    log_variance = torch.full_like(mean, -4.0)
    comparison = compare_channels(mean, log_variance)
    structure = find_structure(comparison, members=member)
    assert [g.channels for g in structure.groups] == [tuple(range(0, 2 * members, 2))]
    (found,) = stability_of_groups(structure, comparison, mean, log_variance, member, seed=0)
    assert (found.images, found.without_a_run, found.unsettled) == (1.0, 1.0, ())
    assert found.runs == (None if members < 8 else 1.0)
    assert found.stable


def test_a_group_at_the_edge_comes_and_goes() -> None:
    """Copies so noisy that their NMI above chance is about the cut."""
    mean, member = planted(10, noise=0.38)
    log_variance = torch.full_like(mean, -4.0)
    comparison = compare_channels(mean, log_variance)
    structure = find_structure(comparison, members=member)
    found = stability_of_groups(structure, comparison, mean, log_variance, member, seed=0)
    shares = [stability.images for stability in found]
    assert max(shares) == 1.0
    assert min(shares) < 0.8
    assert not found[shares.index(min(shares))].stable


def test_channels_that_hardly_tell_anything_do_no_harm() -> None:
    """Of 0.01 bits they share so little with themselves that single precision takes it for none."""
    mean, member = planted(4, noise=3.0)
    weak = torch.randn(200, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    mean = torch.cat([mean, 0.2 * weak], dim=1)
    log_variance = torch.cat([torch.full((200, 8), -4.0), torch.zeros(200, 8)], dim=1).double()
    member = torch.cat([member, member])
    comparison = compare_channels(mean, log_variance)
    assert ((comparison.information > 0.01) & (comparison.information < 0.03)).any()
    structure = find_structure(comparison, members=member)
    found = stability_of_groups(structure, comparison, mean, log_variance, member, seed=0)
    assert found[0].images == 1.0


def test_the_same_seed_gives_the_same_shares() -> None:
    mean, member = planted(10, noise=0.37)
    log_variance = torch.full_like(mean, -4.0)
    comparison = compare_channels(mean, log_variance)
    structure = find_structure(comparison, members=member)
    first, again = (
        stability_of_groups(structure, comparison, mean, log_variance, member, seed=3)
        for _ in range(2)
    )
    assert first == again


@pytest.mark.parametrize(
    ("images", "runs", "stable"),
    [(0.8, None, True), (0.7, None, False), (1.0, 0.8, True), (1.0, 0.7, False)],
)
def test_four_of_five_halves_are_enough(images: float, runs: float | None, stable: bool) -> None:
    known = Stability(images=1.0, runs=None, without_a_run=0.0, unsettled=())
    assert replace(known, images=images, runs=runs).stable is stable


@pytest.mark.parametrize(("members", "left_out"), [(9, 9), (30, 20)])
def test_many_runs_are_left_out_in_twenty_parts(
    members: int, left_out: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mean, member = planted(members, noise=3.0)
    log_variance = torch.full_like(mean, -4.0)
    comparison = compare_channels(mean, log_variance)
    structure = find_structure(comparison, members=member)
    compared: list[set[int]] = []

    def recorded(part: ChannelComparison, *, members: Tensor, **options: Any) -> Structure:  # noqa: ANN401 - passed on
        compared.append(set(members.tolist()))
        return find_structure(part, members=members, **options)

    monkeypatch.setattr("toolkit.structure.stability.find_structure", recorded)
    (found,) = stability_of_groups(structure, comparison, mean, log_variance, member, seed=0)
    assert found.without_a_run == 1.0
    parts = [set(range(members)) - runs for runs in compared[-left_out:]]
    assert set().union(*parts) == set(range(members))
    assert sum(len(part) for part in parts) == members
    assert len(compared) == 20 + left_out  # halves of images and of runs before
