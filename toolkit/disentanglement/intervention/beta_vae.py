"""The beta-VAE score (Z-diff): can a linear classifier tell which factor two images share?

Higgins et al. (2017), https://openreview.net/forum?id=Sy2fzU9gl
"""

import numpy as np
from jaxtyping import Float, Int

from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.intervention.votes import BLOCK
from toolkit.disentanglement.predictor.logistic import fit_logistic
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.sampler import Random, RowSampler, Sampler, kept_of
from toolkit.errors import ToolkitError


def difference_points(
    sampler: Sampler, *, points: int, batch: int, random: Random
) -> tuple[Float[Array, "p d"], Int[Array, " p"]]:
    """Mean absolute difference of `batch` pairs that share a factor, and which factor it was."""
    named = np.empty(points, dtype=np.int64)
    pairs = np.empty((2, points, batch), dtype=np.int64)
    for point in range(points):
        named[point] = random.randint(len(sampler.sizes))
        pairs[0, point] = sampler.draw(batch, random)
        pairs[1, point] = sampler.partners(pairs[0, point], int(named[point]), random)
    parts = []
    for start in range(0, points, BLOCK):
        one, other = (sampler.codes(side[start : start + BLOCK].ravel()) for side in pairs)
        parts.append(np.abs(one - other).reshape(-1, batch, one.shape[1]).mean(axis=1))
    return np.concatenate(parts), named


def beta_vae_score(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    sampler: Sampler | None = None,
    points: int = 10_000,
    asked: int = 5_000,
    batch: int = 64,
) -> ScoreResult:
    """How surely mean absolute differences of channels tell which factor pairs share; 0 to 1.

    Chance is 1 / factors. The classifier is multinomial logistic regression on raw differences,
    so a rotation of the codes can go unnoticed.

    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> beta_vae_score(grid * 1.0, grid, seed=0, points=50, asked=50).values["beta_vae"]
    1.0

    Arguments:
        codes: (n, d); images are drawn from these rows unless there is a sampler.
        factors: (n, k), indices of values.
        seed: of all draws.
        sampler: draws images by factors from the whole data.
        points, asked: to learn from, and to be asked about.
        batch: pairs a point.

    Source: Higgins et al. (2017); protocol of Locatello et al. (2019).
    """
    if min(points, asked, batch) < 1:
        raise ToolkitError(
            f"{points} points to learn from, {asked} to be asked about, of {batch} pairs each, "
            "cannot be drawn. Use 1 or more of each."
        )
    source = sampler or RowSampler(codes, factors)
    random = Random(seed)
    learnt, named = difference_points(source, points=points, batch=batch, random=random)
    tests, truth = difference_points(source, points=asked, batch=batch, random=random)
    model = fit_logistic(learnt, named)
    kept = kept_of(source)
    right = model.predict(tests) == truth
    return ScoreResult(
        values={
            "beta_vae": float(right.mean()),
            "beta_vae_train": float((model.predict(learnt) == named).mean()),
        },
        per_factor={
            "beta_vae": np.array(
                [right[truth == k].mean() if (truth == k).any() else 0.0 for k in range(len(kept))]
            )
        },
        factors=kept,
    )
