"""The bounds hold the true information between them; the ceiling is seen."""

import math

import pytest
import torch
from torch.distributions import Normal

from tests.information.channels.known import random_channels
from toolkit.errors import ToolkitError
from toolkit.information import channel_information, channel_upper_bound, is_saturated


def information_by_quadrature(mean: torch.Tensor, log_variance: torch.Tensor) -> float:
    """Entropy of the mixture minus the mean entropy of its parts, by the trapezium rule."""
    posteriors = Normal(mean, (log_variance / 2).exp())
    u = torch.linspace(-40, 40, 40_001, dtype=torch.float64)[:, None]
    mixture = torch.logsumexp(posteriors.log_prob(u), dim=1) - math.log(len(mean))
    entropy = -torch.trapezoid(mixture.exp() * mixture, u[:, 0])
    return float(entropy - posteriors.entropy().mean()) / math.log(2)


@pytest.mark.parametrize("seed", range(4))
def test_the_true_information_lies_between_the_bounds(seed: int) -> None:
    mean, log_variance = random_channels(5, images=24, seed=seed)
    low, high = channel_information(mean, log_variance), channel_upper_bound(mean, log_variance)
    for c in range(5):
        truth = information_by_quadrature(mean[:, c], log_variance[:, c])
        assert low[c] - 1e-9 <= truth <= high[c] + 1e-9
    assert (high <= math.log2(24) + 1e-12).all()
    assert (high - low).max() > 0.05


def test_the_upper_bound_is_its_formula_image_by_image() -> None:
    mean, log_variance = random_channels(1, images=9, seed=0)
    posteriors = [Normal(m, (v / 2).exp()) for m, v in zip(mean[:, 0], log_variance[:, 0])]  # noqa: B905
    divergence = torch.tensor(
        [[torch.distributions.kl_divergence(p, q) for q in posteriors] for p in posteriors]
    ).double()
    expected = -torch.exp(-divergence).mean(dim=1).log2().mean()
    bound = channel_upper_bound(mean, log_variance).item()
    assert bound == pytest.approx(expected.item(), abs=1e-6)


def test_the_bounds_meet_where_images_are_apart_or_alike() -> None:
    mean = torch.tensor([[0.0, 1.0], [100.0, 1.0], [200.0, 1.0]], dtype=torch.float64)
    for bound in (channel_information, channel_upper_bound):
        found = bound(mean, torch.zeros_like(mean))
        assert found.tolist() == pytest.approx([math.log2(3), 0.0], abs=1e-12)


def test_the_upper_bound_survives_extreme_log_variances() -> None:
    log_variance = torch.linspace(-60, 40, 51, dtype=torch.float64)[:, None]
    bound = channel_upper_bound(torch.zeros_like(log_variance), log_variance)
    assert 0 < bound.item() <= math.log2(51)


def test_a_channel_near_the_ceiling_is_flagged() -> None:
    draw = torch.Generator().manual_seed(0)
    mean = torch.randn(256, 2, generator=draw, dtype=torch.float64)
    log_variance = torch.tensor([-14.0, -1.0], dtype=torch.float64).expand(256, 2)
    bits = channel_information(mean, log_variance)
    assert is_saturated(bits, images=256).tolist() == [True, False]
    near = is_saturated(torch.tensor([6.9, 7.1]), images=256, margin_bits=1.0)
    assert near.tolist() == [False, True]


def test_one_image_sets_no_ceiling() -> None:
    with pytest.raises(ToolkitError) as caught:
        is_saturated(torch.zeros(1), images=1)
    assert str(caught.value) == "the ceiling log2 n needs 2 images or more, and n is 1."
