"""The FactorVAE score (Z-min variance) and its mirror image (Z-max variance).

Kim & Mnih (2018), https://arxiv.org/abs/1802.05983;
Kim, Wang, Sahu & Pavlovic (2019), https://arxiv.org/abs/1902.01568
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
from toolkit.errors import ToolkitError

PRUNE = 0.05  # the study's setting; 0 in the code it came with


@dataclass(frozen=True)
class Rules:
    """How votes are held; see `factor_vae_score`."""

    votes: int
    asked: int
    batch: int
    variance_images: int
    threshold: float

    def __post_init__(self) -> None:
        fewest = min(self.votes, self.asked)
        if fewest < 1 or self.batch < 2 or self.variance_images < 2 or self.threshold < 0:
            raise ToolkitError(
                f"votes by {(self.votes, self.asked)} batches of {self.batch} images with "
                f"variances from {self.variance_images} and threshold {self.threshold} cannot be "
                "held. Use at least 1 vote, 2 images, threshold >= 0."
            )


def factor_vae_score(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    sampler: Sampler | None = None,
    votes: int = 10_000,
    asked: int = 5_000,
    batch: int = 64,
    variance_images: int = 10_000,
    threshold: float = PRUNE,
) -> ScoreResult:
    """How surely the stillest channel of images that share a factor names that factor; 0 to 1.

    Chance is 1 / factors. Channels are compared after division by their variance over the data;
    those of a standard deviation below `threshold` take no part, so the score depends on the
    scale of the codes. No channel in use gives 0.

    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> factor_vae_score(grid * 1.0, grid, seed=0, votes=50, asked=50).values["factor_vae"]
    1.0

    Arguments:
        codes: (n, d); images are drawn from these rows unless there is a sampler.
        factors: (n, k), indices of values.
        seed: of all draws.
        sampler: draws images by factors from the whole data.
        votes, asked: to learn from, and to be asked about.
        batch: images a vote.
        variance_images: for the variance over the data.
        threshold: standard deviation below which a channel is not in use.

    Source: Kim & Mnih (2018); protocol of Locatello et al. (2019).
    """
    source = sampler or RowSampler(codes, factors)
    rules = Rules(votes, asked, batch, variance_images, threshold)
    return _elect("factor_vae", source, source.alike, rules, seed=seed, stillest=True)


def z_max_variance(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    sampler: Sampler | None = None,
    votes: int = 10_000,
    asked: int = 5_000,
    batch: int = 64,
    variance_images: int = 10_000,
    threshold: float = PRUNE,
) -> ScoreResult:
    """How surely the liveliest channel of images that differ in one factor names it; 0 to 1.

    As the FactorVAE score, with all factors but one fixed and the largest variance in place of
    the smallest. Needs a sampler over the whole grid of factors.

    >>> from toolkit.disentanglement.sampler import GridSampler
    >>> grid = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2)
    >>> whole = GridSampler.of_table(grid * 1.0, sizes=(3, 4))
    >>> answer = z_max_variance(grid * 1.0, grid, seed=0, sampler=whole, votes=50, asked=50)
    >>> answer.values["z_max_variance"]
    1.0

    Arguments:
        codes, factors: see `factor_vae_score`.
        seed: of all draws.
        sampler: draws images by factors from the whole grid.
        votes, asked, batch, variance_images, threshold: see `factor_vae_score`.

    Source: Kim et al. (2019).
    """
    source = sampler or RowSampler(codes, factors)
    rules = Rules(votes, asked, batch, variance_images, threshold)
    return _elect("z_max_variance", source, source.unlike, rules, seed=seed, stillest=False)


def _elect(
    name: str, source: Sampler, draw: Draw, rules: Rules, *, seed: int, stillest: bool
) -> ScoreResult:
    """Channels learn to name factors from one set of votes and are asked about another."""
    random = Random(seed)
    variance = source.codes(source.draw(rules.variance_images, random)).var(axis=0, ddof=1)
    active = in_use(variance, threshold=rules.threshold)
    shape = len(source.sizes), len(variance)

    def ballot(count: int) -> npt.NDArray[np.int64]:
        if not active.any():
            return np.zeros(shape, dtype=np.int64)
        named, images = draw_votes(
            draw, factors=shape[0], votes=count, batch=rules.batch, random=random
        )
        share = spread_of(source, images, variance)[:, active]
        found = share.argmin(axis=1) if stillest else share.argmax(axis=1)
        return count_votes(
            named, np.flatnonzero(active)[found], factors=shape[0], channels=shape[1]
        )

    learnt, asked = ballot(rules.votes), ballot(rules.asked)
    return ScoreResult(
        values={
            name: majority(learnt, asked),
            f"{name}_train": majority(learnt, learnt),
            "active_channels": float(active.sum()),
            "threshold": rules.threshold,
        },
        per_channel={"active": active},
        matrices={"votes": learnt.T},
        factors=kept_of(source),
    )
