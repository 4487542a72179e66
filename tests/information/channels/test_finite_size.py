"""What is left of a slow bias: exact for the laws it is derived from, none of a mean."""

import math

import pytest
import torch
from torch import Tensor

from toolkit.information import pair_intervals
from toolkit.information.channels.curved_pairs import (
    CURVED_PAIRS,
    curved_pair,
    sample_curved_pairs,
)
from toolkit.information.channels.finite_size import drift, interval_of_nmi, interval_of_vi
from toolkit.information.channels.jackknife import jackknife
from toolkit.information.channels.leave_group_out import images_left_of

SIZES = torch.full((20,), 50)


def law(images: Tensor, exponent: float) -> Tensor:
    """A number that is 2 for infinitely many images, and too low for few."""
    return 2 - images.pow(-exponent)


@pytest.mark.parametrize("exponent", [0.3, 0.42, 0.7, 1.0])
def test_the_drift_tells_what_extrapolation_leaves_of_a_power(exponent: float) -> None:
    images = images_left_of(SIZES)
    found = drift(law(images, exponent), SIZES)
    extrapolated = 2 * law(images[0], exponent) - law(images[0] / 2, exponent)
    left = 2 - extrapolated
    assert found.item() == pytest.approx(left.item() * (2**exponent - 1), abs=1e-12)


def test_the_drift_tells_what_extrapolation_leaves_of_log_n_over_n() -> None:
    images = images_left_of(SIZES)
    found = drift(2 - images.log() / images, SIZES)
    assert found.item() == pytest.approx(2 * math.log(2) / 1000)


@pytest.mark.parametrize("groups", [4, 7, 20])
def test_what_a_mean_over_images_contributes_does_not_drift(groups: int) -> None:
    values = torch.randn(61, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    sizes = torch.tensor([len(range(group, 61, groups)) for group in range(groups)])
    parts = values.split(sizes.tolist())
    sums = torch.stack([part.sum() for part in parts])
    some = [sums[k * groups // m : (k + 1) * groups // m].sum() for m in (2, 4) for k in range(m)]
    totals = torch.stack([sums.sum(), *(sums.sum() - sums), *some])
    assert abs(drift(totals / images_left_of(sizes), sizes).item()) < 1e-12


def test_a_slow_bias_widens_the_side_to_which_it_errs() -> None:
    values = law(images_left_of(SIZES), 0.42)
    plain = jackknife(values[0], values[1:21], SIZES)
    vi, nmi = (
        interval(some, SIZES, level=0.95)
        for interval, some in ((interval_of_vi, values), (interval_of_nmi, 4 - values))
    )
    assert plain.high < 2 < vi.high
    assert torch.equal(vi.low, plain.low)
    assert nmi.low < 2 + (2 - plain.high)
    assert torch.equal(vi.estimate, plain.estimate)


@pytest.mark.parametrize("name", CURVED_PAIRS)
def test_the_known_values_are_those_of_many_images(name: str) -> None:
    """By brute force: coefficients of 1,000 images with 6,000, without themselves."""
    pair = CURVED_PAIRS[name]
    known = curved_pair(pair)
    draw = torch.Generator().manual_seed(0)
    mean, log_variance = sample_curved_pairs(pair, images=6_000, draws=1, generator=draw)
    shown = 1_000
    variance = log_variance.exp()
    total = variance[:shown, None] + variance[None]
    distance = (mean[:shown, None] - mean[None]).square() / (4 * total)
    distance += (total / 2).log() / 2 - (log_variance[:shown, None] + log_variance[None]) / 4
    distance[torch.arange(shown), torch.arange(shown)] = torch.inf

    def bits(some: Tensor) -> float:
        found = torch.logsumexp(-some, dim=1) - math.log(len(mean) - 1)
        return -found.mean().item() / math.log(2)

    one, other = distance.unbind(2)
    assert bits(one) == pytest.approx(known.information[0], abs=0.12)
    assert bits(other) == pytest.approx(known.information[1], abs=0.12)
    assert bits(one + other) == pytest.approx(known.joint, abs=0.15)
    vi = 2 * bits(one + other) - bits(2 * one) - bits(2 * other)
    assert vi == pytest.approx(known.vi, abs=0.06)


@pytest.mark.parametrize("images", [100, 300])
@pytest.mark.parametrize("name", CURVED_PAIRS)
def test_intervals_hold_on_channels_whose_widths_depend_on_their_means(
    name: str, images: int
) -> None:
    """The jackknife alone holds VI of the heavy tail in 78 to 81 %."""
    pair, draws = CURVED_PAIRS[name], 200
    known, draw = curved_pair(pair), torch.Generator().manual_seed(3)
    given = sample_curved_pairs(pair, images=images, draws=draws, generator=draw)
    pairs = torch.arange(2 * draws).reshape(2, draws).T
    found = pair_intervals(*given, pairs, generator=draw)
    for interval, truth in ((found.nmi, known.nmi), (found.vi, known.vi)):
        held = (interval.low <= truth) & (truth <= interval.high)
        assert held.double().mean() >= 0.9
