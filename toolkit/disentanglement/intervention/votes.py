"""Majority votes: channels name factors, and a table of counts is the classifier.

Kim & Mnih (2018), https://arxiv.org/abs/1802.05983
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from toolkit.disentanglement.record import Array
from toolkit.disentanglement.sampler import Handles, Random, Sampler

BLOCK = 512  # votes whose codes are held at a time

Draw = Callable[[int, int, Random], Handles]


def draw_votes(
    draw: Draw, *, factors: int, votes: int, batch: int, random: Random
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each vote a factor at random, then a batch of images drawn for it; (v,) and (v, b)."""
    named = np.empty(votes, dtype=np.int64)
    images = np.empty((votes, batch), dtype=np.int64)
    for vote in range(votes):
        named[vote] = random.randint(factors)
        images[vote] = draw(int(named[vote]), batch, random)
    return named, images


def spread_of(
    sampler: Sampler, images: Int[Array, "v b"], variance: Float[Array, " d"]
) -> Float[Array, "v d"]:
    """Variance of each channel over each batch as a share of its variance over the data."""
    parts = []
    for start in range(0, len(images), BLOCK):
        block = images[start : start + BLOCK]
        codes = sampler.codes(block.ravel()).reshape(*block.shape, -1)
        parts.append(codes.var(axis=1, ddof=1))
    return np.concatenate(parts) / np.where(variance > 0, variance, 1.0)


def count_votes(
    named: Int[Array, " v"], channel: Int[Array, " v"], *, factors: int, channels: int
) -> Int[Array, "k d"]:
    """How often each channel was found for each factor.

    >>> count_votes(np.array([0, 1, 1]), np.array([2, 0, 0]), factors=2, channels=3)
    array([[0, 0, 1],
           [2, 0, 0]])
    """
    flat = np.bincount(named * channels + channel, minlength=factors * channels)
    return np.asarray(flat.reshape(factors, channels))


def majority(train: Int[Array, "k d"], test: Int[Array, "k d"]) -> float:
    """Share of test votes that the most frequent factor of each channel gets right; 0 of none.

    >>> majority(np.array([[3, 1], [1, 2]]), np.array([[1, 0], [1, 2]]))
    0.75
    """
    chosen = train.argmax(axis=0)
    return float(test[chosen, np.arange(test.shape[1])].sum() / max(test.sum(), 1))


def in_use(variance: Float[Array, " d"], *, threshold: float) -> Bool[Array, " d"]:
    """Channels whose standard deviation reaches the threshold; a constant one never does.

    >>> in_use(np.array([1.0, 0.0001, 0.0]), threshold=0.0)
    array([ True,  True, False])
    """
    return np.asarray((np.sqrt(variance) >= threshold) & (variance > 0))
