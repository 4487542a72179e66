"""Nine made-up latent spaces of 64 points, on which measures of similarity disagree.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042, figure 2.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.spaces import Space

POINTS = 64
NAMES = (
    "spiral",
    "inflated spiral",
    "widening spiral",
    "square spiral",
    "inflated square spiral",
    "line",
    "two clusters",
    "four clusters",
    "four long clusters",
)


def synthetic_spaces() -> dict[str, Space]:
    """The nine spaces by name, float64; the line has one dimension, the others two.

    >>> {name: tuple(space.mean.shape) for name, space in synthetic_spaces().items()}["line"]
    (64, 1)
    """
    index = torch.arange(POINTS, dtype=torch.float64)
    # Spirals: turns equally far apart, a fifth of a turn per unit of radius
    radius = index.sqrt()
    angle = 2 * math.pi * radius * 0.2
    spiral = radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    square = _square_spiral()
    widening = (radius[:, None] - 4.4).expand(-1, 2)
    line = torch.linspace(-POINTS / 2, POINTS / 2, POINTS, dtype=torch.float64)[:, None]
    long = torch.tensor([1.0, 4.0], dtype=torch.float64).expand(POINTS, 2)
    corners = [[-1, 1], [1, 1], [1, -1], [-1, -1]]
    columns = [[-1, 1], [-1, -1], [1, -1], [1, 1]]
    spaces = [
        Space(spiral, torch.full_like(spiral, 0.1)),
        Space(spiral, torch.full_like(spiral, 2.1)),
        Space(spiral, widening.clone()),
        Space(square, torch.zeros_like(square)),
        Space(square, torch.full_like(square, 2.5)),
        Space(line, torch.full_like(line, -1.0)),
        Space(_clusters([[-1, 0], [1, 0]], 6.4), torch.ones_like(spiral)),
        Space(_clusters(corners, 5.6), torch.ones_like(spiral)),
        Space(_clusters(columns, 5.6), long.clone()),
    ]
    return dict(zip(NAMES, spaces, strict=True))


def _square_spiral() -> Float[Tensor, "n 2"]:
    """Up, right, down, left; a side is one step longer every half turn, a step 0.1 every side.

    Steps are rounded to float32 as published, so that the spaces are the same to the last bit.
    """
    directions = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)]
    x = y = 0.0
    step, side, length, done = 0.5, 0, 1, 0
    points = [(x, y)]
    while len(points) < POINTS:
        pace = torch.tensor(step, dtype=torch.float32).item()
        x, y = x + pace * directions[side % 4][0], y + pace * directions[side % 4][1]
        points.append((x, y))
        done += 1
        if done == length:
            side, step, done = side + 1, step + 0.1, 0
            length += side % 2 == 0
    return torch.tensor(points, dtype=torch.float64)


def _clusters(centres: list[list[int]], scale: float) -> Float[Tensor, "n 2"]:
    """Equally many points on each centre."""
    scaled = torch.tensor(centres, dtype=torch.float64) * scale
    return scaled.repeat_interleave(POINTS // len(centres), dim=0)
