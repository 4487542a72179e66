"""Ground-truth correlation: do distances between codes follow distances between factors?

Michlo, Klein & James (2022), https://arxiv.org/abs/2202.13341
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge
from jaxtyping import Float, Int, Num

from toolkit.disentanglement.geometry.traversals import (
    Grid,
    arithmetic_and_geometric,
    varying,
    whole_grid,
)
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.sampler import Handles, Sampler
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.errors import ToolkitError

Distances = dict[str, Float[Array, "2 m"]]
PAIRS = {
    "ground_latent_l1": ("ground", "latent_l1"),
    "ground_latent_l2": ("ground", "latent_l2"),
    "latent_l1_data": ("latent_l1", "data"),
    "latent_l2_data": ("latent_l2", "data"),
    "ground_data": ("ground", "data"),
}


ROUNDING = 8  # errors of a number's last place that a distance gathers per channel, at most


@dataclass(frozen=True, kw_only=True)
class TripletSettings(ScoreSettings):
    """Settings of the ground-truth correlation.

    Arguments:
        repeats: traversals of each factor, and subsets of all images.
        triplets: of each.
        subset: images in a subset.
    """

    repeats: Annotated[int, Ge(1)] = 1024
    triplets: Annotated[int, Ge(1)] = 64
    subset: Annotated[int, Ge(1)] = 32


TRIPLETS = TripletSettings()


def triplet_distances(
    rows: Int[Array, "3 m"],
    *,
    factors: Int[Array, "n k"],
    codes: Num[Array, "n d"],
    images: Float[Array, "n p"] | None = None,
) -> Distances:
    """Distances of anchor to positive (first row) and anchor to negative (second), by kind.

    Arguments:
        rows: anchors, positives, negatives.
        factors: city-block distance of indices is the ground distance.
        codes: city-block and Euclidean.
        images: (n, pixels) in [0, 1], mean squared difference; left out when there are none.
    """
    anchor, others = rows[:1], rows[1:]
    latent = codes[others] - codes[anchor]
    distances = {
        "ground": np.abs(factors[others] - factors[anchor]).sum(axis=-1).astype(np.float64),
        "latent_l1": np.abs(latent).sum(axis=-1),
        "latent_l2": np.sqrt(np.square(latent).sum(axis=-1)),
    }
    if images is not None:
        distances["data"] = np.square(images[others] - images[anchor]).mean(axis=-1)
    return distances


def last_place(values: Num[Array, "*s"]) -> float:
    """Relative size of the last place of numbers: of single precision where all are that.

    >>> last_place(np.array([0.1])) < 1e-15, last_place(np.float32([0.1]).astype(float)) > 1e-8
    (True, True)
    """
    single = (values.astype(np.float32) == values).all()
    return float(np.finfo(np.float32 if single else np.float64).eps)


def without_rounding(values: Float[Array, "*s"], *, error: float) -> Float[Array, "*s"]:
    """Values that rounding may have parted are one again; others stay as they are.

    Neighbours in order that are no further apart than `error` belong together, if all that hang
    together so lie within four times that; a denser continuum holds no ties to restore.

    >>> without_rounding(np.array([0.3, 0.1 + 0.2, 0.5]), error=1e-15)
    array([0.3, 0.3, 0.5])
    """
    ordered, back = np.unique(values, return_inverse=True)
    first = np.flatnonzero(np.diff(ordered, prepend=-np.inf) > error)
    last = np.append(first[1:], len(ordered)) - 1
    size = last - first + 1
    tied = ordered[last] - ordered[first] <= 4 * error
    merged = np.where(np.repeat(tied, size), np.repeat(ordered[first], size), ordered)
    return np.asarray(merged[back].reshape(values.shape))


def linear_correlation(first: Num[Array, " m"], second: Num[Array, " m"]) -> float:
    """Pearson's correlation; 0 where one of them does not vary.

    >>> round(linear_correlation(np.array([0.0, 1.0]), np.array([3.0, 1.0])), 9)
    -1.0
    """
    a, b = first - first.mean(), second - second.mean()
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float(np.clip(a @ b / size, -1, 1)) if size > 0 else 0.0


def triplet_scores(distances: Distances) -> dict[str, float]:
    """Rank and linear correlation of distances, and the share of triplets ordered alike.

    >>> near = np.array([[1.0, 1.0, 2.0], [2.0, 3.0, 5.0]])
    >>> scores = triplet_scores({"ground": near, "latent_l1": near, "latent_l2": -near})
    >>> round(scores["rank/ground_latent_l2"], 9)
    -1.0
    """
    from scipy.stats import rankdata

    scores = {}
    for name, (first, second) in PAIRS.items():
        if first in distances and second in distances:
            a, b = distances[first], distances[second]
            ranks = rankdata(a.ravel()), rankdata(b.ravel())
            scores[f"rank/{name}"] = linear_correlation(*ranks)
            scores[f"linear/{name}"] = linear_correlation(a.ravel(), b.ravel())
            scores[f"same/{name}"] = float((np.sign(a[0] - a[1]) == np.sign(b[0] - b[1])).mean())
    return scores


def ground_truth_correlation(
    codes: Codes,
    factors: Factors,
    settings: TripletSettings = TRIPLETS,
    *,
    seed: int,
    sampler: Sampler | None = None,
    images: Num[Array, "_ p"] | None = None,
) -> ScoreResult:
    """Correlation of distances between codes with distances between factor values; -1 to 1.

    "factor" pairs lie in one factor's traversal, one value per factor, then the arithmetic mean
    (the published geometric mean does not exist where a factor's value is negative; it is
    `.../geometric` where it does); "global" pairs lie in random subsets. "rank" is Spearman's,
    "linear" Pearson's, "same" the share of triplets that both order alike, equal counting as a
    third order. Main value: rank, factor, city-block distance of codes.

    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> answer = ground_truth_correlation(grid / 7, grid, TripletSettings(repeats=20), seed=0)
    >>> round(answer.values["rank/ground_latent_l1/factor"], 9)
    1.0
    >>> answer.values["same/ground_latent_l1/factor"]
    1.0

    Arguments:
        codes: (n, d), of the whole grid.
        factors: (n, k), indices of values, every combination.
        settings: numbers of draws.
        seed: of traversals, subsets and triplets.
        sampler: over the whole grid, in place of codes and factors.
        images: (n, pixels) in [0, 1], for distances of the data.

    Source: Michlo et al. (2022).
    """
    grid = whole_grid(codes, factors, sampler=sampler)
    size = int(np.prod(grid.source.sizes))
    if images is not None and len(images) != (size if grid.row is None else len(codes)):
        raise ToolkitError(
            f"{len(images)} images were given for the codes of {len(codes)}, on a grid of {size}. "
            "Pass the very images that were encoded, a row each (of a sampler: the whole grid)."
        )
    # Triplets along each factor, and in subsets of all images
    generator = np.random.default_rng(seed)
    along = [
        _triplets(grid.draw(factor, settings.repeats, generator), settings.triplets, generator)
        for factor in varying(grid)
    ]
    subsets = generator.integers(size, size=(settings.repeats, settings.subset))
    by_factor = [_scores(grid, rows, images) for rows in along]
    overall = _scores(grid, _triplets(subsets, settings.triplets, generator), images)
    per_factor = {name: np.array([row[name] for row in by_factor]) for name in by_factor[0]}
    means = {name: arithmetic_and_geometric(column) for name, column in per_factor.items()}
    return ScoreResult(
        values={f"{name}/factor": mean["mean"] for name, mean in means.items()}
        | {f"{name}/geometric": m["geometric"] for name, m in means.items() if "geometric" in m}
        | {f"{name}/global": value for name, value in overall.items()},
        per_factor=per_factor,
        factors=grid.kept,
    )


def _triplets(rows: Handles, count: int, generator: np.random.Generator) -> Handles:
    """`count` triplets of positions at random out of each line of `rows`, (3, lines * count)."""
    lines, width = rows.shape
    column = generator.integers(width, size=(3, lines, count))
    return np.asarray(np.take_along_axis(rows[None], column, axis=2).reshape(3, -1))


def _scores(grid: Grid, images: Handles, pixels: Array | None) -> dict[str, float]:
    codes = grid.source.codes(images.ravel())
    shown = None if pixels is None else pixels[grid.rows(images.ravel())]
    distances = triplet_distances(
        np.arange(images.size).reshape(images.shape),
        factors=grid.source.factors_of(images.ravel()),
        codes=codes,
        images=shown,
    )
    # Equal distances are equal, whatever rounding makes of them
    error = ROUNDING * last_place(codes) * float(np.abs(codes).max(axis=0).sum())
    for name in ("latent_l1", "latent_l2"):
        distances[name] = without_rounding(distances[name], error=error)
    if shown is not None:
        error = ROUNDING * last_place(shown) * float(np.abs(shown).max())
        distances["data"] = without_rounding(distances["data"], error=error)
    return triplet_scores(distances)
