"""Runs whose channels are known pieces of information, on their own or on turned axes."""

import numpy as np
import torch

from toolkit.information import random_rotation
from toolkit.posteriors import Posteriors

IMAGES = 300
SPREAD = 0.2


def pieces(count: int, seed: int = 0) -> torch.Tensor:
    """Independent standard normal columns."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(IMAGES, count, generator=generator, dtype=torch.float64)


def space(columns: torch.Tensor) -> Posteriors:
    """A run whose channels have these means."""
    return Posteriors(
        mean=columns.float(),
        log_variance=torch.full(columns.shape, 2 * np.log(SPREAD)).float(),
        probe="p",
    )


def turned(columns: torch.Tensor, seed: int) -> Posteriors:
    """A run that knows these columns on random axes."""
    generator = torch.Generator().manual_seed(seed)
    return space(columns @ random_rotation(columns.shape[1], generator=generator).T)


def drawn(values: int, seed: int) -> torch.Tensor:
    """One column of whole numbers below `values`, each as likely as any other."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(values, (IMAGES, 1), generator=generator).double()
