"""Random axes: the law of the turn, and what a turned space keeps of the one before."""

import math

import pytest
import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information import (
    bhattacharyya_distance,
    channel_information,
    random_rotation,
    turn_axes,
)

IMAGES = 150


def dealer(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def space(*variances: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Normal means of unit variance, and widths that differ from image to image."""
    mean = torch.randn(IMAGES, len(variances), generator=dealer(seed), dtype=torch.float64)
    log_variance = torch.tensor(variances).double().log() + 0.3 * mean.flip(0)
    return mean, log_variance


def turn_of(dimensions: int, seed: int) -> Tensor:
    """The matrix that `turn_axes` draws from the same generator."""
    return random_rotation(dimensions, generator=dealer(seed))


def full_distance(mean: Tensor, covariance: Tensor) -> Tensor:
    """Bhattacharyya distance of normals with whole covariances, by its textbook form."""
    middle = (covariance[:, None] + covariance[None, :]) / 2
    gap = mean[:, None] - mean[None, :]
    apart = (gap * torch.linalg.solve(middle, gap)).sum(dim=-1) / 8
    logdet = torch.logdet(covariance)
    return apart + (torch.logdet(middle) - (logdet[:, None] + logdet[None, :]) / 2) / 2


def whole_bits(distance: Tensor) -> float:
    return float(-(-distance).exp().mean(dim=1).log2().mean())


@pytest.mark.parametrize("dimensions", [2, 3, 7])
def test_turns_have_the_moments_of_the_haar_measure(dimensions: int) -> None:
    generator = dealer()
    turns = torch.stack([random_rotation(dimensions, generator=generator) for _ in range(4000)])
    assert torch.allclose(turns @ turns.mT, torch.eye(dimensions).double(), atol=1e-12)
    tolerance = 5 / math.sqrt(4000)
    assert turns.mean(dim=0).abs().max() < tolerance
    assert (turns.square().mean(dim=0) - 1 / dimensions).abs().max() < tolerance
    fourth = 3 / (dimensions * (dimensions + 2))
    assert (turns**4 - fourth).mean(dim=0).abs().max() < tolerance
    assert abs(float((torch.linalg.det(turns) > 0).double().mean()) - 0.5) < tolerance


def test_turned_posteriors_have_the_marginals_of_turned_samples() -> None:
    mean, log_variance = space(0.02, 0.3, 1.5)
    noise = torch.randn(20_000, IMAGES, 3, generator=dealer(1), dtype=torch.float64)
    samples = mean - mean.mean(dim=0) + (log_variance / 2).exp() * noise
    scale = (mean.var(dim=0, correction=0) + log_variance.exp().mean(dim=0)).sqrt()
    turned_samples = samples / scale @ turn_of(3, 2).T
    turned_mean, turned_log_variance = turn_axes(mean, log_variance, generator=dealer(2))
    assert torch.allclose(turned_samples.mean(dim=0), turned_mean, atol=0.05)
    assert torch.allclose(turned_samples.var(dim=0), turned_log_variance.exp(), rtol=0.06)


def test_the_total_variance_of_the_space_is_kept() -> None:
    turned_mean, turned_log_variance = turn_axes(*space(0.02, 0.3, 1.5), generator=dealer(3))
    total = turned_mean.square().mean(dim=0) + turned_log_variance.exp().mean(dim=0)
    assert float(total.sum()) == pytest.approx(3.0)


def test_whole_covariances_keep_what_the_space_knows_and_diagonals_do_not() -> None:
    mean, log_variance = space(0.02, 0.3, 1.5)
    scale = (mean.var(dim=0, correction=0) + log_variance.exp().mean(dim=0)).sqrt()
    turn = turn_of(3, 4) / scale
    covariance = turn @ torch.diag_embed(log_variance.exp()) @ turn.T
    turned_mean, turned_log_variance = turn_axes(mean, log_variance, generator=dealer(4))
    assert torch.allclose(covariance.diagonal(dim1=1, dim2=2), turned_log_variance.exp())
    before = bhattacharyya_distance(mean, log_variance)
    assert torch.allclose(full_distance(turned_mean, covariance), before, atol=1e-9)
    diagonal_only = whole_bits(bhattacharyya_distance(turned_mean, turned_log_variance))
    assert diagonal_only < whole_bits(before) - 0.1


def test_of_channels_of_one_width_the_diagonal_is_the_whole_covariance() -> None:
    mean = torch.randn(IMAGES, 4, generator=dealer(), dtype=torch.float64)
    mean = (mean - mean.mean(dim=0)) / mean.std(dim=0, correction=0)
    log_variance = torch.full_like(mean, math.log(0.2))
    turned = turn_axes(mean, log_variance, generator=dealer(1))
    assert torch.allclose(
        bhattacharyya_distance(*turned), bhattacharyya_distance(mean, log_variance)
    )


def test_turning_evens_out_sharpness() -> None:
    mean, log_variance = space(0.01, 1.0)
    before = channel_information(mean, log_variance)
    spreads = []
    for seed in range(20):
        bits = channel_information(*turn_axes(mean, log_variance, generator=dealer(seed)))
        spreads.append(float(bits.max() - bits.min()))
    assert max(spreads) <= float(before.max() - before.min()) + 1e-6
    assert sum(spreads) / len(spreads) < 0.6 * float(before.max() - before.min())


def test_scale_of_a_channel_does_not_matter() -> None:
    mean, log_variance = space(0.1, 0.4)
    stretch = torch.tensor([1.0, 100.0], dtype=torch.float64)
    plain = turn_axes(mean, log_variance, generator=dealer(5))
    stretched = turn_axes(mean * stretch + 7, log_variance + 2 * stretch.log(), generator=dealer(5))
    for expected, found in zip(plain, stretched, strict=True):
        assert torch.allclose(expected, found, atol=1e-9)


def test_the_generator_decides_and_single_precision_stays() -> None:
    mean, log_variance = (part.float() for part in space(0.1, 0.4))
    first, again = (turn_axes(mean, log_variance, generator=dealer(6)) for _ in range(2))
    other = turn_axes(mean, log_variance, generator=dealer(7))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.allclose(first[0], other[0])
    assert first[0].dtype == first[1].dtype == torch.float32


def test_no_dimension_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        random_rotation(0, generator=dealer())
    assert str(caught.value) == "0 dimensions have no axes to turn; give 1 or more."
