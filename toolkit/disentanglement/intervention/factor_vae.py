"""The FactorVAE score (Z-min variance) and its mirror image (Z-max variance).

Kim & Mnih (2018), https://arxiv.org/abs/1802.05983;
Kim, Wang, Sahu & Pavlovic (2019), https://arxiv.org/abs/1902.01568
"""

import numpy as np

from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.intervention.votes import (
    Draw,
    count_votes,
    draw_votes,
    in_use,
    majority,
    spread_of,
)
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.sampler import Random, RowSampler, Sampler
from toolkit.errors import ToolkitError

PRUNE = 0.05  # the study's setting; 0 in the code it came with


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
    values, votes_table, active = _vote(
        source,
        source.alike,
        seed=seed,
        votes=(votes, asked),
        batch=batch,
        variance_images=variance_images,
        threshold=threshold,
        stillest=True,
    )
    return ScoreResult(
        values={
            "factor_vae": values[1],
            "factor_vae_train": values[0],
            "active_channels": float(active.sum()),
            "threshold": threshold,
        },
        per_channel={"active": active},
        matrices={"votes": votes_table.T},
        factors=_kept(source),
    )


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
    values, votes_table, active = _vote(
        source,
        source.unlike,
        seed=seed,
        votes=(votes, asked),
        batch=batch,
        variance_images=variance_images,
        threshold=threshold,
        stillest=False,
    )
    return ScoreResult(
        values={
            "z_max_variance": values[1],
            "z_max_variance_train": values[0],
            "active_channels": float(active.sum()),
            "threshold": threshold,
        },
        per_channel={"active": active},
        matrices={"votes": votes_table.T},
        factors=_kept(source),
    )


def _kept(source: Sampler) -> tuple[int, ...]:
    return source.kept if isinstance(source, RowSampler) else tuple(range(len(source.sizes)))


def _vote(
    source: Sampler,
    draw: Draw,
    *,
    seed: int,
    votes: tuple[int, int],
    batch: int,
    variance_images: int,
    threshold: float,
    stillest: bool,
) -> tuple[tuple[float, float], Array, Array]:
    """Accuracy on both sets of votes, the table that was learnt (k, d), and channels in use."""
    if min(votes) < 1 or batch < 2 or variance_images < 2 or threshold < 0:
        raise ToolkitError(
            f"votes by {votes} batches of {batch} images with variances from {variance_images} and "
            f"threshold {threshold} cannot be held. Use at least 1 vote, 2 images, threshold >= 0."
        )
    random = Random(seed)
    variance = source.codes(source.draw(variance_images, random)).var(axis=0, ddof=1)
    active = in_use(variance, threshold=threshold)
    factors, channels = len(source.sizes), len(variance)
    if not active.any():
        return (0.0, 0.0), np.zeros((factors, channels), dtype=np.int64), active
    tables = []
    for count in votes:
        named, images = draw_votes(draw, factors=factors, votes=count, batch=batch, random=random)
        share = spread_of(source, images, variance)[:, active]
        found = share.argmin(axis=1) if stillest else share.argmax(axis=1)
        channel = np.flatnonzero(active)[found]
        tables.append(count_votes(named, channel, factors=factors, channels=channels))
    learnt, asked = tables
    return (majority(learnt, learnt), majority(learnt, asked)), learnt, active
