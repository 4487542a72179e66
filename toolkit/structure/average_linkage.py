"""Average linkage: clusters of channels, and the order of its tree."""

from typing import NamedTuple

import numpy as np
import scipy
from jaxtyping import Float, Int

from toolkit.structure.methods import SAME


class Clusters(NamedTuple):
    """Clusters of channels.

    Arguments:
        labels: (c,) cluster of each channel, from 0.
        order: (c,) so that each cluster is in one piece, and neighbours are similar.
        reachability: (c,) in that order, the height at which a channel joins the one before it;
            infinite for the first.
    """

    labels: Int[np.ndarray, " c"]
    order: Int[np.ndarray, " c"]
    reachability: Float[np.ndarray, " c"]


def cluster(likeness: Float[np.ndarray, "c c"], *, cut: float) -> Clusters:
    """Join clusters as long as their mean likeness is at least `cut`. O(c^2) by nearest neighbours.

    Arguments:
        likeness: of every two channels, symmetric; 1 for copies. Differences below 1e-9 do not
            decide.
        cut: mean likeness between two clusters from which on they are one.

    >>> likeness = np.array([[1.0, 0.1, 0.9], [0.1, 1.0, 0.2], [0.9, 0.2, 1.0]])
    >>> found = cluster(likeness, cut=0.5)
    >>> found.labels.tolist(), found.order.tolist(), found.reachability.round(2).tolist()
    ([0, 1, 0], [1, 0, 2], [inf, 0.85, 0.1])
    """
    count = len(likeness)
    if count < 2:
        return Clusters(np.zeros(count, int), np.arange(count), np.full(count, np.inf))
    distance = np.round(np.maximum(1 - likeness, 0.0) / SAME) * SAME
    np.fill_diagonal(distance, 0.0)
    hierarchy, squareform = scipy.cluster.hierarchy, scipy.spatial.distance.squareform
    pairs = squareform((distance + distance.T) / 2, checks=False)
    tree = hierarchy.linkage(pairs, method="average")
    heights = squareform(hierarchy.cophenet(tree))
    order = hierarchy.leaves_list(tree).astype(int)
    return Clusters(
        labels=hierarchy.fcluster(tree, 1 - cut + SAME, criterion="distance").astype(int) - 1,
        order=order,
        reachability=np.concatenate([[np.inf], heights[order[:-1], order[1:]]]),
    )
