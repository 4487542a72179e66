"""Channels made for tests: drawn at random, and with information that is known exactly."""

import math

import torch
from torch import Tensor


def random_channels(count: int, *, images: int, seed: int) -> tuple[Tensor, Tensor]:
    """Means and log-variances, float64: some channels sharp, some soft, all unrelated."""
    draw = torch.Generator().manual_seed(seed)
    mean = torch.randn(images, count, generator=draw, dtype=torch.float64)
    spread = torch.randn(images, count, generator=draw, dtype=torch.float64)
    return mean, spread / 2 - torch.linspace(0, 5, count, dtype=torch.float64)


def brute_force_bits(distance: Tensor) -> Tensor:
    """The published formula: minus the mean of log2 of the mean coefficient."""
    return -torch.exp(-distance).mean(dim=1).log2().mean()


def overlap_bits(sharpness: Tensor, correlation: Tensor) -> float:
    r"""Information of channels whose means are jointly normal, for infinitely many images.

    The coefficient of two images is exp(-sum_d k_d (x_d - x'_d)^2). With x of covariance S and K
    the diagonal matrix of k, the mean over x' and then the mean logarithm over x are Gaussian
    integrals: (log det(1 + 2 K S) / 2 + tr(K (1 + 2 S K)^-1 S)) / log 2.
    """
    k, one = torch.diag(sharpness), torch.eye(len(sharpness), dtype=torch.float64)
    spread = torch.logdet(one + 2 * k @ correlation) / 2
    tail = torch.trace(k @ torch.linalg.inv(one + 2 * correlation @ k) @ correlation)
    return float(spread + tail) / math.log(2)


def known_pair(first: float, second: float, correlation: float) -> dict[str, float]:
    """Information, NMI and VI of two channels of sharpness k = 1 / (8 v) and correlated means."""
    both = torch.tensor([[1.0, correlation], [correlation, 1.0]], dtype=torch.float64)
    k = torch.tensor([first, second], dtype=torch.float64)
    one = [overlap_bits(k[i : i + 1], both[:1, :1]) for i in (0, 1)]
    two = [overlap_bits(2 * k[i : i + 1], both[:1, :1]) for i in (0, 1)]
    joint = overlap_bits(k, both)
    shared = one[0] + one[1] - joint
    return {
        "first": one[0],
        "second": one[1],
        "nmi": shared / math.sqrt((2 * one[0] - two[0]) * (2 * one[1] - two[1])),
        "vi": 2 * joint - two[0] - two[1],
    }


def draw_pairs(
    first: float, second: float, correlation: float, *, images: int, draws: int, seed: int
) -> tuple[Tensor, Tensor]:
    """So many independent draws of the pair: the first channels, then their partners."""
    draw = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, images, draws, generator=draw, dtype=torch.float64)
    y = correlation * x + math.sqrt(1 - correlation**2) * y
    log_variance = [torch.full_like(x, -math.log(8 * k)) for k in (first, second)]
    return torch.cat([x, y], dim=1), torch.cat(log_variance, dim=1)
