"""Flatness: how straight the path is that a factor's traversal takes through the codes.

Michlo, Klein & James (2022), https://arxiv.org/abs/2202.13341
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from toolkit.disentanglement.geometry.traversals import (
    TRAVERSALS,
    TraversalSettings,
    varying,
    whole_grid,
)
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.sampler import Handles, Sampler

NORMS = {"l1": 1, "l2": 2}
PAIRS = 2**17  # pairs of points held at a time


def width(points: Float[Array, "t m d"], *, norm: int) -> Float[Array, " t"]:
    """Largest distance of two points of each traversal."""
    apart = points[:, :, None, :] - points[:, None, :, :]
    return np.asarray(np.linalg.norm(apart, ord=norm, axis=-1).max(axis=(1, 2)))


def length(points: Float[Array, "t m d"], *, norm: int) -> Float[Array, " t"]:
    """Sum of the steps of each closed traversal, the largest step left out."""
    steps = np.linalg.norm(points - np.roll(points, 1, axis=1), ord=norm, axis=-1)
    return np.asarray(steps.sum(axis=1) - steps.max(axis=1))


def flatness(
    codes: Codes,
    factors: Factors,
    settings: TraversalSettings = TRAVERSALS,
    *,
    seed: int,
    sampler: Sampler | None = None,
) -> ScoreResult:
    """Width of a traversal over its length: 1 for a straight walk along one channel; 0 to 1.

    For each factor, mean width over mean length of its traversals; then the mean over
    factors. `flatness` divides Euclidean width by city-block length, so that both bends and walks
    across channels lower it; `flatness_l1` and `flatness_l2` use one norm. A factor that moves
    nothing has 0.

    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> flatness(grid * 1.0, grid, TraversalSettings(traversals=5), seed=0).values["flatness"]
    1.0

    Arguments:
        codes: (n, d), of the whole grid.
        factors: (n, k), indices of values, every combination.
        settings: how many traversals.
        seed: of the traversals.
        sampler: over the whole grid, in place of codes and factors.

    Source: Michlo et al. (2022).
    """
    grid = whole_grid(codes, factors, sampler=sampler)
    generator = np.random.default_rng(seed)
    widths: dict[str, list[float]] = {name: [] for name in NORMS}
    lengths: dict[str, list[float]] = {name: [] for name in NORMS}
    for factor in varying(grid):
        rows = grid.draw(factor, settings.traversals, generator)
        for name, norm in NORMS.items():
            widths[name].append(_mean(width, grid.source, rows, norm))
            lengths[name].append(_mean(length, grid.source, rows, norm))
    # Width over length
    wide = {name: np.array(of_factors) for name, of_factors in widths.items()}
    long = {name: np.array(of_factors) for name, of_factors in lengths.items()}

    def ratio(over: Array, under: Array) -> Array:
        return np.divide(over, under, out=np.zeros_like(over), where=under > 0)

    per_factor = {
        "flatness": ratio(wide["l2"], long["l1"]),
        "flatness_l1": ratio(wide["l1"], long["l1"]),
        "flatness_l2": ratio(wide["l2"], long["l2"]),
        **{f"width_{name}": values for name, values in wide.items()},
        **{f"length_{name}": values for name, values in long.items()},
    }
    return ScoreResult(
        values={name: float(values.mean()) for name, values in per_factor.items()},
        per_factor=per_factor,
        factors=grid.kept,
    )


def _mean(measure: Callable[..., Array], source: Sampler, images: Handles, norm: int) -> float:
    """Mean of a measure over traversals, a few at a time (pairs of points are many)."""
    block = max(1, PAIRS // images.shape[1] ** 2)
    parts = []
    for start in range(0, len(images), block):
        rows = images[start : start + block]
        parts.append(measure(source.codes(rows.ravel()).reshape(*rows.shape, -1), norm=norm))
    return float(np.concatenate(parts).mean())
