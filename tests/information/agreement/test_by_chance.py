"""Agreement beside random axes: theory, brute force, and members that have no axes to agree on."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import (
    Agreement,
    ChannelComparison,
    agreement_interval,
    compare_channels,
    cross_run_agreement,
    random_axes_agreement,
    random_rotation,
    turn_axes,
)
from toolkit.information.agreement import (
    agreement_beside_chance,
    agreement_table,
    chance_table,
    random_axes_table,
)
from toolkit.information.agreement.by_chance import corrected_interval
from toolkit.information.channels.analytic_pairs import analytic_pair
from toolkit.information.channels.jackknife import jackknife
from toolkit.report.findings.agreement import agreement_of_runs
from toolkit.report.page.wording import agreement_in_words

VARIANCE = 0.05  # of posteriors whose means have unit variance
BITS = 0.01

Ensemble = tuple[Tensor, Tensor, Tensor]


def dealer(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ensemble(members: int, dimensions: int, *, turned: bool, images: int = 150) -> Ensemble:
    """Members with one normal space: mean, log-variance, member of every channel."""
    generator = dealer(3)
    mean = torch.randn(images, dimensions, generator=generator, dtype=torch.float64)
    log_variance = torch.full_like(mean, math.log(VARIANCE))
    spaces = [
        turn_axes(mean, log_variance, generator=generator) if turned else (mean, log_variance)
        for _ in range(members)
    ]
    member = torch.arange(members).repeat_interleave(dimensions)
    means, log_variances = zip(*spaces, strict=True)
    return torch.cat(means, dim=1), torch.cat(log_variances, dim=1), member


def compared(channels: Ensemble) -> ChannelComparison:
    return compare_channels(channels[0], channels[1])


def found(channels: Ensemble, *, seed: int = 0, draws: int | None = None) -> Agreement:
    pairs = compared(channels)
    return random_axes_agreement(
        *channels, information=pairs.information, nmi=pairs.nmi, seed=seed, draws=draws
    )


def best_of_random_axes(dimensions: int) -> float:
    """The mean over Haar turns of the NMI of an axis with the nearest of K axes: the theory."""
    sharpness = 1 / (8 * VARIANCE)
    correlations = np.linspace(0, 1, 101)
    nmi = [analytic_pair(sharpness, sharpness, float(value)).nmi for value in correlations]
    generator, nearest = dealer(5), []
    for _ in range(500):
        turn = random_rotation(dimensions, generator=generator).abs()
        nearest.append(turn.amax(dim=1).clamp(max=1).numpy())
    return float(np.interp(np.concatenate(nearest), correlations, nmi).mean())


@pytest.mark.parametrize("dimensions", [2, 4])
def test_the_null_is_the_best_of_axes_under_the_haar_measure(dimensions: int) -> None:
    channels = ensemble(5, dimensions, turned=False, images=400)
    table = random_axes_table(*channels, compared(channels).information, seed=1, draws=16)
    draws = table.overall()
    error = float(draws.std()) / len(draws) ** 0.5
    floor = 0.02  # the best of several NMI near 0 is above 0 with 400 images
    expected = best_of_random_axes(dimensions)
    assert expected - 3 * error < float(draws.mean()) < expected + 3 * error + floor


def test_a_draw_is_the_agreement_of_members_turned_one_by_one() -> None:
    mean, log_variance, member = channels = ensemble(3, 2, turned=False)
    bits = compared(channels).information
    table = random_axes_table(*channels, bits, seed=4, draws=2)
    generator, expected = dealer(4), []
    for _ in range(2):
        order = torch.randperm(3, generator=generator).tolist()
        turned = {
            row: turn_axes(
                mean[:, member == row], log_variance[:, member == row], generator=generator
            )
            for row in order
        }
        parts = [torch.cat([turned[row][part] for row in range(3)], dim=1) for part in (0, 1)]
        nmi = compare_channels(*parts)
        expected.append(cross_run_agreement(nmi.information, nmi.nmi, member, threshold_bits=BITS))
    assert table.overall().tolist() == pytest.approx(expected, abs=1e-4)


def test_shared_axes_stand_out_and_turned_ones_do_not() -> None:
    shared, turned = (found(ensemble(5, 4, turned=turned)) for turned in (False, True))
    assert shared.corrected == pytest.approx(1.0)
    assert shared.chance_high is not None
    assert shared.value > shared.chance_high
    assert turned.corrected is not None
    assert turned.chance_low is not None
    assert turned.chance_high is not None
    assert turned.chance_low < turned.value < turned.chance_high
    assert abs(turned.corrected) < 0.15


def test_corrected_is_the_share_above_chance() -> None:
    agreement = found(ensemble(4, 3, turned=True))
    assert agreement.by_chance is not None
    assert agreement.corrected == pytest.approx(
        (agreement.value - agreement.by_chance) / (1 - agreement.by_chance)
    )


def test_the_seed_decides_and_the_order_of_members_does_not() -> None:
    mean, log_variance, member = ensemble(4, 3, turned=True)
    log_variance = log_variance - 0.1 * member  # members differ in bits
    listed = (mean, log_variance, member)
    backwards = (mean.flip(1), log_variance.flip(1), member)
    first, other_order = found(listed), found(backwards)
    assert found(listed) == first
    assert found(listed, seed=1).by_chance != first.by_chance
    assert other_order.value == pytest.approx(first.value)
    assert found((mean, log_variance, 7 - member)).by_chance == pytest.approx(first.by_chance)


def test_members_with_one_channel_are_left_out_and_named() -> None:
    mean, log_variance, member = ensemble(4, 3, turned=True)
    lost = (member == 1) & (torch.arange(12) % 3 > 0)
    mean, log_variance = mean.clone(), log_variance.clone()
    mean[:, lost], log_variance[:, lost] = 0.0, 0.0
    agreement = found((mean, log_variance, member))
    others = member != 1
    assert agreement.excluded == (1,)
    assert agreement.members == 3
    without = found((mean[:, others], log_variance[:, others], member[others]))
    assert replace(agreement, excluded=()) == without


def test_members_that_collapsed_to_one_channel_cannot_agree() -> None:
    agreement = found(ensemble(3, 1, turned=False))
    assert agreement.value == pytest.approx(1.0)
    assert agreement == Agreement(
        value=agreement.value,
        low=agreement.low,
        high=agreement.high,
        by_chance=None,
        chance_low=None,
        chance_high=None,
        corrected=None,
        corrected_low=None,
        corrected_high=None,
        members=3,
        excluded=(0, 1, 2),
    )


def test_the_interval_leaves_each_member_out_of_both_tables() -> None:
    channels = ensemble(4, 3, turned=True)
    comparison = compared(channels)
    table = agreement_table(
        comparison.information, comparison.nmi, channels[2], threshold_bits=BITS
    )
    chance = random_axes_table(*channels, comparison.information, seed=0)
    without = []
    for left in range(4):
        rest = torch.arange(4) != left
        agreement = agreement_beside_chance(table.among(rest), chance.among(rest))
        without.append(agreement.corrected)
    whole = agreement_beside_chance(table, chance)
    expected = jackknife(
        torch.tensor(whole.corrected).double(),
        torch.tensor(without).double(),
        torch.ones(4, dtype=torch.long),
    )
    assert whole.corrected_low == pytest.approx(float(expected.low), abs=1e-6)
    assert whole.corrected_high == pytest.approx(float(expected.high), abs=1e-6)
    plain = agreement_interval(
        comparison.information, comparison.nmi, channels[2], threshold_bits=BITS
    )
    assert whole.low == pytest.approx(float(plain.low), abs=1e-8)
    assert whole.high == pytest.approx(float(plain.high), abs=1e-8)
    narrow = corrected_interval(table, chance, level=0.5)
    assert narrow is not None
    assert float(expected.low) < float(narrow.low) < float(narrow.high) < float(expected.high)


def test_many_members_are_compared_in_groups_with_the_same_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channels = ensemble(10, 3, turned=False, images=100)
    bits = compared(channels).information
    grouped = random_axes_table(*channels, bits, seed=0, draws=20)
    compared_with = (~grouped.found.isnan()).sum(dim=-1)
    assert set(compared_with.flatten().tolist()) == {4}
    monkeypatch.setattr(chance_table, "TOGETHER", 100)
    together = random_axes_table(*channels, bits, seed=0, draws=20)
    assert int((~together.found.isnan()).sum()) == 20 * 10 * 9
    error = float(grouped.overall().std()) / 20**0.5
    assert abs(float(grouped.overall().mean() - together.overall().mean())) < 3 * error


@pytest.mark.parametrize(("members", "draws"), [(2, 60), (3, 20), (4, 10), (9, 10)])
def test_few_members_take_more_draws(members: int, draws: int) -> None:
    channels = ensemble(members, 2, turned=False, images=20)
    table = random_axes_table(*channels, compared(channels).information, seed=0)
    assert len(table.found) == draws


def test_one_member_cannot_agree() -> None:
    with pytest.raises(ToolkitError) as caught:
        found(ensemble(1, 3, turned=False))
    assert str(caught.value) == (
        "agreement needs at least 2 members, and all channels belong to one. Train more seeds."
    )


def test_one_draw_shows_no_spread() -> None:
    with pytest.raises(ToolkitError) as caught:
        found(ensemble(2, 2, turned=False), draws=1)
    assert str(caught.value) == "1 draw(s) of random axes show no spread; ask for 2 or more."


def test_where_chance_leaves_no_room_nothing_is_corrected() -> None:
    """Sharp channels tell every image from every other, so any two of them are the same."""
    generator = torch.Generator().manual_seed(0)
    mean = 1e4 * torch.randn(20, 6, generator=generator, dtype=torch.float64)
    member = torch.arange(6) // 2
    channels = (mean, torch.zeros_like(mean), member)
    comparison = compared(channels)
    table = agreement_table(comparison.information, comparison.nmi, member, threshold_bits=BITS)
    chance = random_axes_table(*channels, comparison.information, seed=0)
    found = agreement_beside_chance(table, chance)
    assert found.by_chance == pytest.approx(1.0, abs=1e-2)
    assert (found.corrected, found.corrected_low, found.corrected_high) == (None, None, None)
    for run in agreement_of_runs(table, chance):
        assert run.by_chance == pytest.approx(1.0, abs=1e-2)
        assert (run.corrected, run.corrected_interval) == (None, None)
    (sentence,) = agreement_in_words(found)
    assert sentence.endswith("Show them more probe images.")
