"""Linearity and axis alignment of factor traversals.

Michlo, Klein & James (2022), https://arxiv.org/abs/2202.13341
"""

import numpy as np
from jaxtyping import Float, Num

from toolkit.disentanglement.geometry.traversals import (
    TRAVERSALS,
    TraversalSettings,
    arithmetic_and_geometric,
    varying,
    whole_grid,
)
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.sampler import Sampler


def dominance(parts: Num[Array, "*s d"]) -> Float[Array, "*s"]:
    """Largest part over the sum, rescaled so that equal parts are 0; 0 where all parts are.

    >>> dominance(np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 0.0]]))
    array([1., 0., 0.])
    """
    count = parts.shape[-1]
    total = parts.sum(axis=-1)
    share = np.divide(
        parts.max(axis=-1), total, out=np.full_like(total, 1 / count), where=total > 0
    )
    if count == 1:
        return np.asarray((total > 0) * 1.0)
    return np.asarray((share - 1 / count) / (1 - 1 / count))


def axis_variances(points: Float[Array, "*s m d"]) -> Float[Array, "*s d"]:
    """Variance of each channel along each traversal; 0 where it moves by rounding only."""
    return np.asarray(np.where(np.ptp(points, axis=-2) > 0, points.var(axis=-2, ddof=1), 0.0))


def linear_variances(points: Float[Array, "*s m d"]) -> Float[Array, "*s d"]:
    """Variances along the principal axes of each traversal, not negative.

    The covariance is symmetric, so the symmetric solver is used; with fewer points than channels
    some eigenvalues are 0, and rounding must not make them more or less.
    """
    moves = np.ptp(points, axis=-2, keepdims=True) > 0
    centred = np.where(moves, points - points.mean(axis=-2, keepdims=True), 0.0)
    covariance = np.swapaxes(centred, -1, -2) @ centred / (points.shape[-2] - 1)
    values = np.maximum(np.linalg.eigvalsh(covariance), 0.0)
    rounding = values.max(axis=-1, keepdims=True) * points.shape[-1] * np.finfo(np.float64).eps
    return np.asarray(np.where(values > rounding, values, 0.0))


def linearity(
    codes: Codes,
    factors: Factors,
    settings: TraversalSettings = TRAVERSALS,
    *,
    seed: int,
    sampler: Sampler | None = None,
) -> ScoreResult:
    """Whether codes move along a line when one factor moves, and along one channel; 0 to 1.

    For each traversal of one factor: `linear_ratio` is the dominance of the largest principal
    variance, `axis_ratio` of the largest channel variance, `axis_alignment` the second over the
    first. Mean over traversals, then over factors; `..._geometric` is the geometric mean
    over factors, and missing where a factor's value is negative.

    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> five = TraversalSettings(traversals=5)
    >>> round(linearity(grid * 1.0, grid, five, seed=0).values["axis_ratio"], 9)
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
    rows: dict[str, list[float]] = {
        name: [] for name in ("linear_ratio", "axis_ratio", "axis_alignment", "axis_ratio_average")
    }
    for factor in varying(grid):
        # Codes along traversals
        images = grid.draw(factor, settings.traversals, generator)
        codes = grid.source.codes(images.ravel())
        points = codes.reshape(*images.shape, codes.shape[1])
        variances = axis_variances(points)
        # Largest variance, as a share: of channels, of principal axes
        axis, linear = dominance(variances), dominance(linear_variances(points))
        rows["linear_ratio"].append(float(linear.mean()))
        rows["axis_ratio"].append(float(axis.mean()))
        aligned = np.divide(axis, linear, out=np.zeros_like(axis), where=linear > 0)
        rows["axis_alignment"].append(float(aligned.mean()))
        rows["axis_ratio_average"].append(float(dominance(variances.mean(axis=0))))
    per_factor = {name: np.array(row) for name, row in rows.items()}
    means = {name: arithmetic_and_geometric(values) for name, values in per_factor.items()}
    geometric = {
        f"{name}_geometric": mean["geometric"]
        for name, mean in means.items()
        if "geometric" in mean
    }
    return ScoreResult(
        values={name: mean["mean"] for name, mean in means.items()} | geometric,
        per_factor=per_factor,
        factors=grid.kept,
    )
