"""Mutual information of a continuous channel with a factor by nearest neighbours, in nats.

Ross (2014), https://doi.org/10.1371/journal.pone.0087357. In one dimension the neighbours of a
sorted value lie in a window, so no tree is needed.
"""

import numpy as np
import scipy
from jaxtyping import Float, Int

from toolkit.disentanglement.inputs import Codes, Factors, label
from toolkit.disentanglement.record import Array
from toolkit.errors import ToolkitError

NOISE = 1e-10  # breaks ties between equal codes; far below any posterior's width


def radius_of_kth(values: Float[Array, " n"], *, neighbours: int) -> Float[Array, " n"]:
    """Distance of each value to its k-th nearest other; all in one dimension, values sorted.

    >>> radius_of_kth(np.array([0.0, 1.0, 3.0]), neighbours=1)
    array([1., 1., 2.])
    """
    far = np.full(neighbours, np.inf)
    padded = np.concatenate([-far, values, far])
    count = len(values)
    reach = [
        np.maximum(
            values - padded[neighbours - left : neighbours - left + count],
            padded[2 * neighbours - left : 2 * neighbours - left + count] - values,
        )
        for left in range(neighbours + 1)
    ]
    return np.asarray(np.min(reach, axis=0))


def _within(values: Float[Array, " n"], radius: Float[Array, " n"]) -> Float[Array, " n"]:
    """How many values upwards of each value, itself included, are no further than its radius.

    The sum value + radius is rounded and may reach the very neighbour that set the radius, so
    the end of the window is moved until the *difference* obeys.
    """
    count = len(values)
    end = np.searchsorted(values, values + radius, side="right")
    while (beyond := values[np.maximum(end - 1, 0)] - values > radius).any():
        end = end - beyond
    more = np.concatenate([values, [np.inf]])
    while (reached := more[np.minimum(end, count)] - values <= radius).any():
        end = end + reached
    return np.asarray(end - np.arange(count), dtype=np.float64)


def neighbour_information(
    values: Float[Array, " n"], labels: Int[Array, " n"], *, neighbours: int = 3
) -> float:
    """Ross' estimate for one channel and one factor, in nats, cut off below at 0.

    Values of the factor that occur once are left out, as in the published estimator. Exactly equal
    codes must be told apart by noise first, otherwise the estimate is inflated.
    """
    order = np.argsort(values, kind="stable")
    values, labels = values[order], labels[order]
    radius = np.empty_like(values)
    rank, size = np.empty_like(values), np.bincount(labels)
    # Distance to the k-th neighbour of the same label
    for label_value in np.flatnonzero(size > 1):
        rows = labels == label_value
        nearest = min(neighbours, int(size[label_value]) - 1)
        radius[rows] = np.nextafter(radius_of_kth(values[rows], neighbours=nearest), 0)
        rank[rows] = nearest
    used = size[labels] > 1
    if not used.any():
        return 0.0
    values, radius, rank = values[used], radius[used], rank[used]
    # Neighbours of any label within it
    inside = _within(values, radius) + _within(-values[::-1], radius[::-1])[::-1] - 1
    estimate = (
        scipy.special.digamma(len(values))
        + scipy.special.digamma(rank).mean()
        - scipy.special.digamma(size[labels[used]]).mean()
        - scipy.special.digamma(inside).mean()
    )
    return max(float(estimate), 0.0)


def neighbour_table(
    codes: Codes, factors: Factors, *, seed: int, neighbours: int = 3
) -> Float[Array, "d k"]:
    """Ross' estimate for every channel and every varying factor, in nats.

    >>> grid = np.repeat(np.arange(2), 50)[:, None]
    >>> apart = grid + np.linspace(0, 0.1, 100)[:, None]
    >>> neighbour_table(apart, grid, seed=0).round(2)
    array([[0.7]])

    Arguments:
        codes: (n, d), floats.
        factors: (n, k), indices of values.
        seed: of the noise that breaks ties.
        neighbours: which neighbour's distance is the radius.
    """
    if neighbours < 1:
        raise ToolkitError(f"`neighbours` is {neighbours}; it must be at least 1.")
    data = label(codes, factors)
    generator = np.random.default_rng(seed)
    # A constant channel has no spread, whatever rounding makes of it
    spread = np.where(np.ptp(data.codes, axis=0) > 0, data.codes.std(axis=0), 0.0)
    scaled = data.codes / np.where(spread > 0, spread, 1.0)
    scale = NOISE * np.maximum(1.0, np.abs(scaled).mean(axis=0))
    noisy = scaled + scale * generator.standard_normal(scaled.shape)
    table = [
        [neighbour_information(channel, factor, neighbours=neighbours) for factor in data.factors.T]
        for channel in noisy.T
    ]
    return np.asarray(np.where(spread[:, None] > 0, table, 0.0))
