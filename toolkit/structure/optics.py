"""OPTICS as in scikit-learn, made independent of rounding."""

from typing import Any, Literal, NamedTuple

import numpy as np
import scipy
from jaxtyping import Float, Int

from toolkit.structure.methods import SAME

LEAST_NMI = 1e-4  # the paper's floor under the logarithm


class Ordering(NamedTuple):
    """What OPTICS found.

    Arguments:
        labels: (c,) group of each channel, from 0; -1 for noise.
        order: (c,) as the channels are visited.
        reachability: (c,) in that order, bits or nats of -log NMI; infinite at the start of a part.
    """

    labels: Int[np.ndarray, " c"]
    order: Int[np.ndarray, " c"]
    reachability: Float[np.ndarray, " c"]


def run_optics(
    nmi: Float[np.ndarray, "c c"],
    vi: Float[np.ndarray, "c c"],
    *,
    by: Literal["vi", "nmi"],
    min_samples: int,
) -> Ordering:
    """Order the channels by similarity and find the groups among them.

    Deterministic: copies of one channel are given the very same distances, and distances that
    differ by less than 1e-9 do not decide. With fewer channels than `min_samples` there are no
    groups, the order is that of the channels, and every reachability is infinite.

    Arguments:
        nmi: of every two channels.
        vi: of every two channels, bits.
        by: what the dissimilarity is made from.
        min_samples: neighbours that make a channel the core of a group.
    """
    count = len(nmi)
    if count < min_samples:
        return Ordering(np.full(count, -1), np.arange(count), np.full(count, np.inf))
    from sklearn.cluster import OPTICS

    estimator: Any = OPTICS
    found = estimator(min_samples=min_samples, metric="precomputed").fit(_distances(vi, nmi, by))
    reachability = found.reachability_[found.ordering_]
    return Ordering(
        labels=found.labels_.astype(int),
        order=found.ordering_.astype(int),
        reachability=np.where(reachability <= SAME, 0.0, reachability).astype(float),
    )


def _distances(
    vi: Float[np.ndarray, "c c"], nmi: Float[np.ndarray, "c c"], by: str
) -> Float[np.ndarray, "c c"]:
    """Distances for OPTICS: not negative, and equal for copies whatever the rounding."""
    distance = vi if by == "vi" else -np.log(np.maximum(nmi, LEAST_NMI))
    # Copies share distances
    _, copy_of = scipy.sparse.csgraph.connected_components(vi < SAME, directed=False)
    _, first = np.unique(copy_of, return_index=True)
    original = first[copy_of]
    distance = distance[original[:, None], original[None, :]]
    # Rounded, positive
    distance = np.maximum(np.round(distance / SAME) * SAME, SAME)
    np.fill_diagonal(distance, 0.0)
    return distance
