"""OPTICS: golden values of the paper's code, and what is left out of its groups."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from toolkit.errors import ToolkitError
from toolkit.information import ChannelComparison, compare_channels, nmi_above_chance
from toolkit.structure import Optics, default_min_samples, find_structure
from toolkit.structure.optics import run_optics

GOLDEN = Path(__file__).parents[1] / "golden"
STABLE, UNSTABLE = ("D_nocopies", "E_wide"), ("A", "B", "C")


def golden(name: str) -> tuple[ChannelComparison, dict[str, np.ndarray]]:
    with np.load(GOLDEN / f"channels_{name}.npz") as file:
        data = dict(file)
    mean, log_variance = torch.from_numpy(data["mu"]), torch.from_numpy(data["logvar"])
    return compare_channels(mean, log_variance, threshold_bits=0.01), data


def labels_of(comparison: ChannelComparison, by: str, min_samples: int) -> list[int]:
    """The group of every kept channel before channels that do not agree are left out."""
    kept = comparison.information > 0.01
    nmi, vi = (table[kept][:, kept].numpy() for table in (comparison.nmi, comparison.vi))
    return run_optics(nmi, vi, by=by, min_samples=min_samples).labels.tolist()


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
    assert labels_of(comparison, by, min_samples) == data[f"{at}_labels"].tolist()
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
    likeness = adjusted_rand_score(labels_of(comparison, by, min_samples), data[f"{at}_labels"])
    assert likeness >= data[f"{at}_labels_min_ari_under_1e-11_noise"]
    if data[f"{at}_sorted_reach_max_change"] <= 1e-6:
        expected = np.sort(data[f"{at}_reach"])
        np.testing.assert_allclose(found.reachability.sort().values.numpy(), expected, atol=1e-8)


@pytest.mark.parametrize("name", [*STABLE, *UNSTABLE])
@pytest.mark.parametrize("by", ["vi", "nmi"])
def test_only_channels_that_agree_with_the_centre_stay(name: str, by: str) -> None:
    comparison, _ = golden(name)
    above = nmi_above_chance(comparison)
    for group in find_structure(comparison, by=by, min_samples=5).groups:
        others = [channel for channel in group.channels if channel != group.central]
        assert above[group.central, others].min() >= 0.45 - 1e-6
        assert group.smallest_nmi <= group.mean_nmi


@pytest.mark.parametrize("by", ["vi", "nmi"])
@pytest.mark.parametrize("seed", range(4))
def test_unrelated_channels_enter_no_group(seed: int, by: str) -> None:
    draw = torch.Generator().manual_seed(seed)
    columns = torch.randn(300, 16, generator=draw, dtype=torch.float64)
    copies = columns[:, 2:4].repeat_interleave(6, dim=1) + 0.05 * columns[:, 4:]
    mean = torch.cat([columns[:, :2], copies], dim=1)
    comparison = compare_channels(mean, torch.full_like(mean, -3.0))
    members = [0, 1, *range(6), *range(6)]
    for structure in (
        find_structure(comparison, by=by, min_samples=3, members=members),
        find_structure(comparison, members=members),
    ):
        found = sorted(group.channels for group in structure.groups)
        assert found == [tuple(range(2, 8)), tuple(range(8, 14))]


def test_both_orders_are_kept_as_the_paper_draws_them() -> None:
    comparison, _ = golden("D_nocopies")
    both = find_structure(comparison, by="vi", min_samples=5)
    by_nmi = find_structure(comparison, by="nmi", min_samples=5)
    assert torch.equal(both.profiles["nmi"].order, by_nmi.order)
    assert torch.equal(both.profiles["vi"].reachability, both.reachability)
    assert (both.profiles["vi"].unit, both.profiles["nmi"].unit) == ("VI, bits", "−ln NMI")
    assert both.method == Optics(by="vi", min_samples=5)


def test_groups_of_one_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        Optics(min_samples=1)
    assert str(caught.value) == (
        "min_samples is 1, but a group needs at least 2 channels. `default_min_samples` gives a "
        "number that suits the ensemble."
    )


def test_no_member_has_no_rule() -> None:
    with pytest.raises(ToolkitError) as caught:
        default_min_samples(0)
    assert str(caught.value) == "`members` is 0; it must be at least 1."
