"""The beta-VAE score (Z-diff): can a linear classifier tell which factor two images share?

Higgins et al. (2017), https://openreview.net/forum?id=Sy2fzU9gl
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge
from jaxtyping import Float, Int

from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.intervention.votes import BLOCK
from toolkit.disentanglement.predictor.logistic import fit_logistic
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.sampler import Random, RowSampler, Sampler, kept_of
from toolkit.disentanglement.settings import ScoreSettings


@dataclass(frozen=True, kw_only=True)
class BetaVAESettings(ScoreSettings):
    """Settings of the beta-VAE score.

    Arguments:
        num_train: mean differences to train the classifier on.
        num_eval: further ones to test it on.
        batch_size: pairs of images per mean difference.
    """

    num_train: Annotated[int, Ge(1)] = 10_000
    num_eval: Annotated[int, Ge(1)] = 5_000
    batch_size: Annotated[int, Ge(1)] = 64


BETA_VAE = BetaVAESettings()


def mean_differences(
    sampler: Sampler, *, count: int, batch_size: int, random: Random
) -> tuple[Float[Array, "p d"], Int[Array, " p"]]:
    """Mean absolute difference of `batch_size` pairs that share a factor, and which factor."""
    shared = np.empty(count, dtype=np.int64)
    pairs = np.empty((2, count, batch_size), dtype=np.int64)
    for point in range(count):
        shared[point] = random.randint(len(sampler.sizes))
        pairs[0, point] = sampler.draw(batch_size, random)
        pairs[1, point] = sampler.partners(pairs[0, point], int(shared[point]), random)
    parts = []
    for start in range(0, count, BLOCK):
        first, second = (sampler.codes(side[start : start + BLOCK].ravel()) for side in pairs)
        differences = np.abs(first - second).reshape(-1, batch_size, first.shape[1])
        parts.append(differences.mean(axis=1))
    return np.concatenate(parts), shared


def beta_vae_score(
    codes: Codes,
    factors: Factors,
    settings: BetaVAESettings = BETA_VAE,
    *,
    seed: int,
    sampler: Sampler | None = None,
) -> ScoreResult:
    """How surely mean absolute differences of channels tell which factor pairs share; 0 to 1.

    Chance is 1 / factors. The classifier is multinomial logistic regression on raw differences,
    so a rotation of the codes can go unnoticed.

    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> few = BetaVAESettings(num_train=50, num_eval=50)
    >>> beta_vae_score(grid * 1.0, grid, few, seed=0).values["beta_vae"]
    1.0

    Arguments:
        codes: (n, d); images are drawn from these rows unless there is a sampler.
        factors: (n, k), indices of values.
        settings: numbers of draws.
        seed: of all draws.
        sampler: draws images by factors from the whole data.

    Source: Higgins et al. (2017); protocol of Locatello et al. (2019).
    """
    source = sampler or RowSampler(codes, factors)
    random, size = Random(seed), settings.batch_size
    train, train_factor = mean_differences(
        source, count=settings.num_train, batch_size=size, random=random
    )
    test, test_factor = mean_differences(
        source, count=settings.num_eval, batch_size=size, random=random
    )
    # Which factor pairs share
    model = fit_logistic(train, train_factor)
    kept = kept_of(source)
    right = model.predict(test) == test_factor
    occurs = [test_factor == k for k in range(len(kept))]
    return ScoreResult(
        values={
            "beta_vae": float(right.mean()),
            "beta_vae_train": float((model.predict(train) == train_factor).mean()),
        },
        per_factor={
            "beta_vae": np.array([right[rows].mean() if rows.any() else 0.0 for rows in occurs])
        },
        factors=kept,
    )
