"""Channels made for tests, drawn at random, and the formula of one."""

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
