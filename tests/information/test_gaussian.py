"""Distances and coefficients of normal posteriors: quadrature, long doubles, extremes."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from toolkit.information.gaussian import bhattacharyya_distance, coefficients

CPU = torch.device("cpu")


def normal(mean: float, deviation: float) -> Normal:
    return Normal(*torch.tensor([mean, deviation], dtype=torch.float64))


def overlap_by_quadrature(p: Normal, q: Normal) -> float:
    """Integral of sqrt(p q) on a fine grid: slow and obvious."""
    u = torch.linspace(-80, 80, 400_001, dtype=torch.float64)
    return torch.trapezoid(((p.log_prob(u) + q.log_prob(u)) / 2).exp(), u).item()


@pytest.mark.parametrize("gap", [0.0, 0.5, 6.0])
@pytest.mark.parametrize("width", [0.1, 1.0, 9.0])
def test_distance_agrees_with_quadrature(gap: float, width: float) -> None:
    overlap = overlap_by_quadrature(normal(0.0, 1.0), normal(gap, width))
    mean = torch.tensor([[0.0], [gap]], dtype=torch.float64)
    deviation = torch.tensor([[1.0], [width]], dtype=torch.float64)
    distance = bhattacharyya_distance(mean, 2 * deviation.log())[0, 1]
    assert distance.item() == pytest.approx(-math.log(overlap), abs=1e-9)


def test_distances_of_dimensions_add_up() -> None:
    draw = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn(2, 7, 3, generator=draw, dtype=torch.float64)
    each = [bhattacharyya_distance(mean[:, [d]], log_variance[:, [d]]) for d in range(3)]
    torch.testing.assert_close(bhattacharyya_distance(mean, log_variance), sum(each))


def extreme_channel() -> tuple[torch.Tensor, torch.Tensor]:
    """Every log-variance from -60 to 40 beside every other, means near and far."""
    log_variance = torch.linspace(-60, 40, 51, dtype=torch.float64).repeat(3)
    mean = torch.cat([torch.zeros(51), torch.ones(51), torch.full((51,), 1e4)]).double()
    return mean[:, None], log_variance[:, None]


def distance_in_long_doubles(mean: torch.Tensor, log_variance: torch.Tensor) -> np.ndarray:
    centre, width = (part[:, 0].numpy().astype(np.longdouble) for part in (mean, log_variance))
    variance = np.exp(width)
    total = variance[:, None] + variance[None, :]
    apart = (centre[:, None] - centre[None, :]) ** 2 / (4 * total)
    return apart + np.log(total / 2) / 2 - (width[:, None] + width[None, :]) / 4


def test_extreme_log_variances_side_by_side_agree_with_long_doubles() -> None:
    mean, log_variance = extreme_channel()
    expected = distance_in_long_doubles(mean, log_variance)
    distance = bhattacharyya_distance(mean, log_variance)
    np.testing.assert_allclose(distance.numpy(), expected.astype(float), rtol=1e-12, atol=1e-13)
    assert distance.diagonal().abs().max() < 1e-13
    assert torch.equal(distance, distance.T)


@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-13), (torch.float32, 1e-5)])
def test_rows_are_the_exponential_of_minus_the_distance(dtype: torch.dtype, error: float) -> None:
    mean, log_variance = extreme_channel()
    channel = coefficients(mean, log_variance, dtype=dtype, device=CPU)
    rows = channel.rows(slice(0, len(mean)))[:, 0].double()
    expected = np.exp(-distance_in_long_doubles(mean, log_variance)).astype(float)
    np.testing.assert_allclose(rows.numpy(), expected, atol=error)


def test_rows_do_not_depend_on_how_many_are_asked_for() -> None:
    draw = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn(2, 90, 1700, generator=draw, dtype=torch.float64)
    labels = torch.arange(90)[:, None] % 4
    channels = coefficients(mean, log_variance, labels=labels, dtype=torch.float64, device=CPU)
    every = channels.rows(slice(0, 5))
    assert every.shape == (5, 1701, 90)
    torch.testing.assert_close(every[3:4], channels.rows(slice(3, 4)), rtol=0, atol=1e-15)
    assert every[0, -1].tolist() == [1.0 if label == 0 else 1e-10 for label in labels[:, 0]]


def test_a_block_holds_its_channels_and_then_its_labels() -> None:
    mean, log_variance = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(6)[:, None] % torch.tensor([2, 3])
    channels = coefficients(mean, log_variance, labels=labels, dtype=torch.float64, device=CPU)
    every = channels.rows(slice(0, 6))
    for block in (slice(0, 3), slice(2, 6), slice(3, 5), slice(5, 6)):
        part = channels.take(block).rows(slice(0, 6))
        torch.testing.assert_close(part, every[:, block], rtol=0, atol=1e-15)
    chosen = torch.tensor([1, 3, 5])
    part = channels.select(chosen).rows(slice(0, 6), scale=0.5)
    torch.testing.assert_close(part, every[:, chosen] / 2, rtol=0, atol=1e-15)


def test_the_distance_has_the_gradient_that_differences_give() -> None:
    draw = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn(2, 4, 2, generator=draw, dtype=torch.float64)
    inputs = (mean.requires_grad_(), log_variance.requires_grad_())
    assert torch.autograd.gradcheck(bhattacharyya_distance, inputs)
