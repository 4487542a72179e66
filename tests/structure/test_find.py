"""Groups of channels: ensembles of known pieces, ties and copies, refusals."""

from dataclasses import replace
from functools import cache

import pytest
import torch
from torch import Tensor

from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.information import ChannelComparison, compare_channels
from toolkit.structure import AverageLinkage, Method, Optics, find_structure

OPTICS_VI, OPTICS_NMI = Optics(by="vi", min_samples=3), Optics(by="nmi", min_samples=3)


@cache
def ensemble(members: int, *, facts: int = 3, seed: int = 0) -> tuple[ChannelComparison, Tensor]:
    """Every member knows the same facts, each a little differently, and one thing of its own."""
    draw = torch.Generator().manual_seed(seed)
    truth = torch.randn(60, facts, generator=draw, dtype=torch.float64)
    parts = []
    for _ in range(members):
        heard = truth + 0.1 * torch.randn(60, facts, generator=draw, dtype=torch.float64)
        parts += [heard, torch.randn(60, 1, generator=draw, dtype=torch.float64)]
    mean = torch.cat(parts, dim=1)
    member = torch.arange(members).repeat_interleave(facts + 1)
    return compare_channels(mean, torch.full_like(mean, -3.0)), member


@pytest.mark.parametrize(
    "method", [AverageLinkage(), Optics(by="vi"), Optics(by="nmi")], ids=["linkage", "vi", "nmi"]
)
@pytest.mark.parametrize("members", [5, 10, 50, 100, pytest.param(300, marks=pytest.mark.slow)])
def test_the_facts_are_found_from_5_to_300_members(members: int, method: Method) -> None:
    comparison, member = ensemble(members)
    found = find_structure(comparison, method=method, members=member)
    facts = [set(range(fact, 4 * members, 4)) for fact in range(3)]
    assert len(found.groups) == 3
    for group in found.groups:
        inside = set(group.channels)
        fact = max(facts, key=lambda fact: len(inside & fact))
        assert len(inside & fact) >= 0.9 * members
        assert len(inside - fact) <= 2
        assert len(group.members) >= 0.9 * members
        assert group.central in inside
        assert group.mean_nmi > 0.6


def test_the_central_channel_and_the_mean_are_those_of_the_table() -> None:
    comparison, member = ensemble(10)
    groups = find_structure(comparison, members=member).groups
    assert len(groups) == 3
    for group in groups:
        inside = list(group.channels)
        table = comparison.nmi[inside][:, inside].fill_diagonal_(torch.nan)
        assert group.central == inside[int(table.nanmean(dim=1).argmax())]
        assert group.mean_nmi == pytest.approx(table.nanmean().item())
        assert group.smallest_nmi == pytest.approx(table[~table.isnan()].min().item())
        assert group.members == tuple(sorted({c // 4 for c in inside}))
        assert group.splits == ()


def shaken(comparison: ChannelComparison, seed: int) -> ChannelComparison:
    """The same table as another machine would have rounded it."""
    draw = torch.Generator().manual_seed(seed)
    noise = 1e-13 * torch.randn(comparison.vi.shape, generator=draw, dtype=torch.float64)
    noise = noise + noise.T
    return replace(comparison, vi=comparison.vi + noise, nmi=comparison.nmi + noise)


@pytest.mark.parametrize("method", [AverageLinkage(), OPTICS_VI, OPTICS_NMI])
@pytest.mark.parametrize("seed", range(5))
def test_copies_and_ties_are_handled_whatever_the_rounding(seed: int, method: Method) -> None:
    draw = torch.Generator().manual_seed(seed)
    first = torch.randint(0, 6, (60, 6), generator=draw).double()
    mean = torch.cat([first, -first, first + 2, first[:, :3] * 2], dim=1)
    log_variance = torch.full_like(mean, -8.0)
    log_variance[:, 18:] += 2 * torch.tensor(2.0).log()
    comparison = compare_channels(mean, log_variance)
    plain = find_structure(comparison, method=method)
    assert plain.groups
    for shake in range(5):
        other = find_structure(shaken(comparison, shake), method=method)
        assert torch.equal(other.order, plain.order)
        assert torch.equal(other.reachability, plain.reachability)
        assert [g.channels for g in other.groups] == [g.channels for g in plain.groups]
        assert [g.central for g in other.groups] == [g.central for g in plain.groups]


def test_an_ensemble_of_exact_copies_has_one_group_for_each() -> None:
    draw = torch.Generator().manual_seed(0)
    mean = torch.randn(60, 3, generator=draw, dtype=torch.float64).repeat(1, 8)
    comparison = compare_channels(mean, torch.full_like(mean, -3.0))
    found = find_structure(comparison, members=torch.arange(24) // 3)
    assert sorted(g.channels for g in found.groups) == [tuple(range(f, 24, 3)) for f in range(3)]
    assert [g.mean_nmi for g in found.groups] == pytest.approx([1.0] * 3)
    assert (found.reachability == 0).sum() == 21


def test_fewer_channels_than_optics_needs_are_no_group() -> None:
    mean = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    mean[:, 1] = 0
    comparison = compare_channels(mean, torch.zeros(30, 4))
    found = find_structure(comparison, method="optics", min_samples=4)
    assert found.groups == ()
    assert found.order.tolist() == found.kept.tolist() == [0, 2, 3]
    assert found.reachability.isinf().all()


@pytest.mark.parametrize("method", ["average_linkage", "optics"])
@pytest.mark.parametrize("informative", [0, 1])
def test_without_two_informative_channels_there_is_no_group(method: str, informative: int) -> None:
    mean = torch.zeros(9, 2)
    mean[:, :informative] = torch.arange(9.0)[:, None]
    found = find_structure(compare_channels(mean, torch.zeros(9, 2)), method=method)
    assert found.kept.tolist() == found.order.tolist() == list(range(informative))
    assert found.groups == ()


def refused(kind: type[ToolkitError], **given: object) -> str:
    mean = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    comparison = compare_channels(mean, torch.zeros(30, 4), threshold_bits=0.5)
    with pytest.raises(kind) as caught:
        find_structure(comparison, **given)
    return str(caught.value)


def test_an_unknown_method_is_refused() -> None:
    assert refused(UnknownNameError, method="optic") == (
        "no method of structure is called 'optic'. Did you mean 'optics'?"
    )


@pytest.mark.usefixtures("unchecked")
def test_an_unknown_measure_is_refused() -> None:
    assert refused(UnknownNameError, by="mni") == (
        "no measure of structure is called 'mni'. Did you mean 'nmi'?"
    )


def test_members_that_do_not_fit_the_channels_are_refused() -> None:
    assert refused(ToolkitError, members=[0, 1]) == (
        "2 members are named for 4 channels; give one for each channel."
    )


def test_channels_that_were_left_out_of_the_comparison_are_missed() -> None:
    mean = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    mean[:, 3] /= 5
    comparison = compare_channels(mean, torch.zeros(30, 4), threshold_bits=0.1)
    with pytest.raises(ToolkitError) as caught:
        find_structure(comparison, threshold_bits=0.001)
    assert str(caught.value) == (
        "channels above 0.001 bits were left out of the comparison; find structure with the "
        "threshold that the comparison was made with, or a higher one."
    )


def test_a_member_that_splits_a_piece_is_said_to_split_it() -> None:
    comparison, member = ensemble(6)
    joined = member.clone()
    joined[4] = 0  # the first fact of the second member now belongs to the first
    groups = find_structure(comparison, members=joined).groups
    assert [group.splits for group in groups if group.splits] == [((0, 4),)]


def test_a_piece_of_few_members_among_many_is_no_group() -> None:
    draw = torch.Generator().manual_seed(0)
    mean = torch.randn(100, 16, generator=draw, dtype=torch.float64)
    for few, found in ((3, ()), (4, ((0, 1, 2, 3),))):
        shared = mean.clone()
        shared[:, :few] = shared[:, :1]
        comparison = compare_channels(shared, torch.full_like(shared, -3.0))
        groups = find_structure(comparison, members=torch.arange(16)).groups
        assert tuple(group.channels for group in groups) == found
