"""The FactorVAE score (Z-min variance) and its mirror image (Z-max variance).

Kim & Mnih (2018), https://arxiv.org/abs/1802.05983;
Kim, Wang, Sahu & Pavlovic (2019), https://arxiv.org/abs/1902.01568
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
from annotated_types import Ge

from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.intervention.votes import (
    Draw,
    count_votes,
    draw_votes,
    in_use,
    majority,
    spread_of,
)
from toolkit.disentanglement.record import ScoreResult
from toolkit.disentanglement.sampler import Random, RowSampler, Sampler, kept_of
from toolkit.disentanglement.settings import ScoreSettings


@dataclass(frozen=True, kw_only=True)
class FactorVAESettings(ScoreSettings):
    """Settings of the FactorVAE score and of its mirror image.

    Arguments:
        num_train: votes to train the majority classifier on.
        num_eval: further votes to test it on.
        batch_size: images per vote.
        num_variance_estimate: images for the variance of channels over the data.
        threshold: standard deviation below which a channel is not in use; 0.05 in the study,
            0 in the code it came with.
    """

    num_train: Annotated[int, Ge(1)] = 10_000
    num_eval: Annotated[int, Ge(1)] = 5_000
    batch_size: Annotated[int, Ge(2)] = 64
    num_variance_estimate: Annotated[int, Ge(2)] = 10_000
    threshold: Annotated[float, Ge(0)] = 0.05


FACTOR_VAE = FactorVAESettings()


def factor_vae_score(
    codes: Codes,
    factors: Factors,
    settings: FactorVAESettings = FACTOR_VAE,
    *,
    seed: int,
    sampler: Sampler | None = None,
) -> ScoreResult:
    """How surely the stillest channel of images that share a factor names that factor; 0 to 1.

    Chance is 1 / factors. Channels are compared after division by their variance over the data;
    those of a standard deviation below `threshold` take no part, so the score depends on the
    scale of the codes. No channel in use gives 0.

    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> few = FactorVAESettings(num_train=50, num_eval=50)
    >>> factor_vae_score(grid * 1.0, grid, few, seed=0).values["factor_vae"]
    1.0

    Arguments:
        codes: (n, d); images are drawn from these rows unless there is a sampler.
        factors: (n, k), indices of values.
        settings: numbers of draws, and which channels are in use.
        seed: of all draws.
        sampler: draws images by factors from the whole data.

    Source: Kim & Mnih (2018); protocol of Locatello et al. (2019).
    """
    source = sampler or RowSampler(codes, factors)
    return _elect("factor_vae", source, source.alike, settings, seed=seed, stillest=True)


def z_max_variance(
    codes: Codes,
    factors: Factors,
    settings: FactorVAESettings = FACTOR_VAE,
    *,
    seed: int,
    sampler: Sampler | None = None,
) -> ScoreResult:
    """How surely the liveliest channel of images that differ in one factor names it; 0 to 1.

    As the FactorVAE score, with all factors but one fixed and the largest variance in place of
    the smallest. Needs a sampler over the whole grid of factors.

    >>> from toolkit.disentanglement.sampler import GridSampler
    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> whole = GridSampler.of_table(grid * 1.0, sizes=(3, 4))
    >>> few = FactorVAESettings(num_train=50, num_eval=50)
    >>> z_max_variance(grid * 1.0, grid, few, seed=0, sampler=whole).values["z_max_variance"]
    1.0

    Arguments:
        codes, factors, settings: see `factor_vae_score`.
        seed: of all draws.
        sampler: draws images by factors from the whole grid.

    Source: Kim et al. (2019).
    """
    source = sampler or RowSampler(codes, factors)
    return _elect("z_max_variance", source, source.unlike, settings, seed=seed, stillest=False)


def _elect(
    name: str,
    source: Sampler,
    draw: Draw,
    settings: FactorVAESettings,
    *,
    seed: int,
    stillest: bool,
) -> ScoreResult:
    """Channels learn to name factors from one set of votes and are tested on another."""
    # Channels in use
    random = Random(seed)
    images = source.draw(settings.num_variance_estimate, random)
    codes = source.codes(images)
    variance = np.where(np.ptp(codes, axis=0) > 0, codes.var(axis=0, ddof=1), 0.0)
    active = in_use(variance, threshold=settings.threshold)
    shape = len(source.sizes), len(variance)

    def ballot(votes: int) -> npt.NDArray[np.int64]:
        if not active.any():
            return np.zeros(shape, dtype=np.int64)
        named, images = draw_votes(
            draw, factors=shape[0], votes=votes, batch=settings.batch_size, random=random
        )
        share = spread_of(source, images, variance)[:, active]
        winner = share.argmin(axis=1) if stillest else share.argmax(axis=1)
        return count_votes(
            named, np.flatnonzero(active)[winner], factors=shape[0], channels=shape[1]
        )

    train, test = ballot(settings.num_train), ballot(settings.num_eval)
    return ScoreResult(
        values={
            name: majority(train, test),
            f"{name}_train": majority(train, train),
            "active_channels": float(active.sum()),
            "threshold": settings.threshold,
        },
        per_channel={"active": active},
        matrices={"votes": train.T},
        factors=kept_of(source),
    )
