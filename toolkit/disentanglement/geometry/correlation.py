"""Ground-truth correlation: do distances between codes follow distances between factors?

Michlo, Klein & James (2022), https://arxiv.org/abs/2202.13341
"""

import numpy as np
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
from toolkit.errors import ToolkitError

Distances = dict[str, Float[Array, "2 m"]]
PAIRS = {
    "ground_latent_l1": ("ground", "latent_l1"),
    "ground_latent_l2": ("ground", "latent_l2"),
    "latent_l1_data": ("latent_l1", "data"),
    "latent_l2_data": ("latent_l2", "data"),
    "ground_data": ("ground", "data"),
}


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
    found = {
        "ground": np.abs(factors[others] - factors[anchor]).sum(axis=-1).astype(np.float64),
        "latent_l1": np.abs(latent).sum(axis=-1),
        "latent_l2": np.sqrt(np.square(latent).sum(axis=-1)),
    }
    if images is not None:
        found["data"] = np.square(images[others] - images[anchor]).mean(axis=-1)
    return found


def linear_correlation(one: Num[Array, " m"], other: Num[Array, " m"]) -> float:
    """Pearson's correlation; 0 where one of them does not vary.

    >>> round(linear_correlation(np.array([0.0, 1.0]), np.array([3.0, 1.0])), 9)
    -1.0
    """
    a, b = one - one.mean(), other - other.mean()
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
    for name, (one, other) in PAIRS.items():
        if one in distances and other in distances:
            a, b = distances[one], distances[other]
            ranks = rankdata(a.ravel()), rankdata(b.ravel())
            scores[f"rank/{name}"] = linear_correlation(*ranks)
            scores[f"linear/{name}"] = linear_correlation(a.ravel(), b.ravel())
            scores[f"same/{name}"] = float((np.sign(a[0] - a[1]) == np.sign(b[0] - b[1])).mean())
    return scores


def ground_truth_correlation(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    sampler: Sampler | None = None,
    images: Num[Array, "_ p"] | None = None,
    repeats: int = 1024,
    triplets: int = 64,
    subset: int = 32,
) -> ScoreResult:
    """Correlation of distances between codes with distances between factor values; -1 to 1.

    "factor" pairs lie in one factor's traversal, one value a factor, then the arithmetic mean (the
    published geometric mean does not exist where a factor's value is negative; it is
    `.../geometric` where it does); "global" pairs lie in random subsets. "rank" is Spearman's,
    "linear" Pearson's, "same" the share of triplets that both order alike, equal counting as a
    third order. Main value: rank, factor, city-block distance of codes.

    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> answer = ground_truth_correlation(grid * 1.0, grid, seed=0, repeats=20)
    >>> round(answer.values["rank/ground_latent_l1/factor"], 9)
    1.0

    Arguments:
        codes: (n, d), of the whole grid.
        factors: (n, k), indices of values, every combination.
        seed: of traversals, subsets and triplets.
        sampler: over the whole grid, in place of codes and factors.
        images: (n, pixels) in [0, 1], for distances of the data.
        repeats: traversals of each factor, and subsets.
        triplets: of each.
        subset: images in a subset.

    Source: Michlo et al. (2022).
    """
    if min(repeats, triplets, subset) < 1:
        raise ToolkitError(
            f"{repeats} repeats of {triplets} triplets from subsets of {subset} cannot be drawn. "
            "Use 1 or more of each."
        )
    grid = whole_grid(codes, factors, sampler=sampler)
    size = int(np.prod(grid.source.sizes))
    if images is not None and len(images) != (size if grid.row is None else len(codes)):
        raise ToolkitError(
            f"{len(images)} images were given for the codes of {len(codes)}, on a grid of {size}. "
            "Pass the very images that were encoded, a row each (of a sampler: the whole grid)."
        )
    generator = np.random.default_rng(seed)
    draws = [
        _triplets(grid.draw(factor, repeats, generator), triplets, generator)
        for factor in varying(grid)
    ]
    loose = generator.integers(size, size=(repeats, subset))
    each = [_scores(grid, rows, images) for rows in draws]
    everywhere = _scores(grid, _triplets(loose, triplets, generator), images)
    per_factor = {name: np.array([scores[name] for scores in each]) for name in each[0]}
    means = {name: arithmetic_and_geometric(column) for name, column in per_factor.items()}
    return ScoreResult(
        values={f"{name}/factor": mean["mean"] for name, mean in means.items()}
        | {f"{name}/geometric": m["geometric"] for name, m in means.items() if "geometric" in m}
        | {f"{name}/global": value for name, value in everywhere.items()},
        per_factor=per_factor,
        factors=grid.kept,
    )


def _triplets(rows: Handles, count: int, generator: np.random.Generator) -> Handles:
    """`count` triplets of positions at random out of each line of `rows`, (3, lines * count)."""
    lines, width = rows.shape
    place = generator.integers(width, size=(3, lines, count))
    return np.asarray(np.take_along_axis(rows[None], place, axis=2).reshape(3, -1))


def _scores(grid: Grid, images: Handles, pixels: Array | None) -> dict[str, float]:
    each = grid.source.codes(images.ravel())
    place = np.arange(images.size).reshape(images.shape)
    return triplet_scores(
        triplet_distances(
            place,
            factors=grid.source.factors_of(images.ravel()),
            codes=each,
            images=None if pixels is None else pixels[grid.rows(images.ravel())],
        )
    )
