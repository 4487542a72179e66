"""Groups of channels: golden values, made-up ensembles, ties and copies, refusals."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score
from torch import Tensor

from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.information import ChannelComparison, compare_channels
from toolkit.structure import Structure, default_min_samples, find_structure

GOLDEN = Path(__file__).parent / "golden"
STABLE, UNSTABLE = ("D_nocopies", "E_wide"), ("A", "B", "C")


def golden(name: str) -> tuple[ChannelComparison, dict[str, np.ndarray]]:
    with np.load(GOLDEN / f"channels_{name}.npz") as file:
        data = dict(file)
    mean, log_variance = torch.from_numpy(data["mu"]), torch.from_numpy(data["logvar"])
    return compare_channels(mean, log_variance, threshold_bits=0.01), data


def labels_of(structure: Structure) -> list[int]:
    """The group of every kept channel; -1 for noise."""
    group = {c: g for g, found in enumerate(structure.groups) for c in found.channels}
    return [group.get(c, -1) for c in structure.kept.tolist()]


@pytest.mark.parametrize("min_samples", [5, 20])
@pytest.mark.parametrize("by", ["vi", "nmi"])
@pytest.mark.parametrize("name", STABLE)
def test_structure_without_copies_is_the_published_one(
    name: str, by: str, min_samples: int
) -> None:
    comparison, data = golden(name)
    found = find_structure(comparison, by=by, min_samples=min_samples)
    at = f"optics_{by}_ms{min_samples}"
    order = data[f"{at}_ordering"]
    assert found.kept.tolist() == data["kept_channels"].tolist()
    assert found.order.tolist() == data["kept_channels"][order].tolist()
    assert labels_of(found) == data[f"{at}_labels"].tolist()
    expected = data[f"{at}_reach"][order]
    np.testing.assert_allclose(found.reachability.numpy(), expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("min_samples", [5, 20])
@pytest.mark.parametrize("by", ["vi", "nmi"])
@pytest.mark.parametrize("name", UNSTABLE)
def test_structure_with_copies_is_the_published_one_where_that_is_stable(
    name: str, by: str, min_samples: int
) -> None:
    comparison, data = golden(name)
    found = find_structure(comparison, by=by, min_samples=min_samples)
    at = f"optics_{by}_ms{min_samples}"
    if data[f"{at}_ordering_stable"]:
        assert found.order.tolist() == data["kept_channels"][data[f"{at}_ordering"]].tolist()
    likeness = adjusted_rand_score(labels_of(found), data[f"{at}_labels"])
    assert likeness >= data[f"{at}_labels_min_ari_under_1e-11_noise"]
    if data[f"{at}_sorted_reach_max_change"] <= 1e-6:
        expected = np.sort(data[f"{at}_reach"])
        np.testing.assert_allclose(found.reachability.sort().values.numpy(), expected, atol=1e-8)


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


@pytest.mark.parametrize("by", ["vi", "nmi"])
@pytest.mark.parametrize("members", [5, 10, 50, 100, pytest.param(300, marks=pytest.mark.slow)])
def test_the_default_rule_finds_the_facts_from_5_to_300_members(members: int, by: str) -> None:
    comparison, member = ensemble(members)
    found = find_structure(
        comparison, by=by, min_samples=default_min_samples(members), members=member
    )
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
    for group in find_structure(comparison, min_samples=4, members=member).groups:
        inside = list(group.channels)
        table = comparison.nmi[inside][:, inside].fill_diagonal_(torch.nan)
        assert group.central == inside[int(table.nanmean(dim=1).argmax())]
        assert group.mean_nmi == pytest.approx(table.nanmean().item())
        assert group.members == tuple(sorted({c // 4 for c in inside}))


def shaken(comparison: ChannelComparison, seed: int) -> ChannelComparison:
    """The same table as another machine would have rounded it."""
    draw = torch.Generator().manual_seed(seed)
    noise = 1e-13 * torch.randn(comparison.vi.shape, generator=draw, dtype=torch.float64)
    noise = noise + noise.T
    return replace(comparison, vi=comparison.vi + noise, nmi=comparison.nmi + noise)


@pytest.mark.parametrize("by", ["vi", "nmi"])
@pytest.mark.parametrize("seed", range(5))
def test_copies_and_ties_are_handled_whatever_the_rounding(seed: int, by: str) -> None:
    draw = torch.Generator().manual_seed(seed)
    first = torch.randint(0, 6, (60, 6), generator=draw).double()
    mean = torch.cat([first, -first, first + 2, first[:, :3] * 2], dim=1)
    log_variance = torch.full_like(mean, -8.0)
    log_variance[:, 18:] += 2 * torch.tensor(2.0).log()
    comparison = compare_channels(mean, log_variance)
    plain = find_structure(comparison, by=by, min_samples=3)
    assert plain.groups
    for shake in range(5):
        other = find_structure(shaken(comparison, shake), by=by, min_samples=3)
        assert torch.equal(other.order, plain.order)
        assert torch.equal(other.reachability, plain.reachability)
        assert [g.channels for g in other.groups] == [g.channels for g in plain.groups]
        assert [g.central for g in other.groups] == [g.central for g in plain.groups]


def test_an_ensemble_of_exact_copies_has_one_group_for_each() -> None:
    draw = torch.Generator().manual_seed(0)
    mean = torch.randn(60, 3, generator=draw, dtype=torch.float64).repeat(1, 8)
    found = find_structure(compare_channels(mean, torch.full_like(mean, -3.0)), min_samples=4)
    assert sorted(g.channels for g in found.groups) == [tuple(range(f, 24, 3)) for f in range(3)]
    assert [g.mean_nmi for g in found.groups] == pytest.approx([1.0] * 3)
    assert (found.reachability == 0).sum() == 21


def test_fewer_channels_than_a_group_needs_are_no_group() -> None:
    mean = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    mean[:, 1] = 0
    found = find_structure(compare_channels(mean, torch.zeros(30, 4)), min_samples=4)
    assert found.groups == ()
    assert found.order.tolist() == found.kept.tolist() == [0, 2, 3]
    assert found.reachability.isinf().all()


def test_no_informative_channel_is_an_empty_structure() -> None:
    found = find_structure(compare_channels(torch.zeros(9, 2), torch.zeros(9, 2)), min_samples=2)
    assert found.kept.tolist() == found.order.tolist() == []
    assert found.groups == ()


def refused(kind: type[ToolkitError], **given: object) -> str:
    mean = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    comparison = compare_channels(mean, torch.zeros(30, 4), threshold_bits=0.5)
    with pytest.raises(kind) as caught:
        find_structure(comparison, **{"min_samples": 3} | given)
    return str(caught.value)


@pytest.mark.usefixtures("unchecked")
def test_an_unknown_measure_is_refused() -> None:
    assert refused(UnknownNameError, by="mni") == (
        "no measure of structure is called 'mni'. Did you mean 'nmi'?"
    )


def test_groups_of_one_are_refused() -> None:
    assert refused(ToolkitError, min_samples=1) == (
        "min_samples is 1, but a group needs at least 2 channels. `default_min_samples` gives a "
        "number that suits the ensemble."
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
        find_structure(comparison, min_samples=2, threshold_bits=0.001)
    assert str(caught.value) == (
        "channels above 0.001 bits were left out of the comparison; find structure with the "
        "threshold that the comparison was made with, or a higher one."
    )


def test_no_member_has_no_rule() -> None:
    with pytest.raises(ToolkitError) as caught:
        default_min_samples(0)
    assert str(caught.value) == "`members` is 0; it must be at least 1."
