"""Regression trees on the channels, one for each class, grown all at once.

The trees of one boosting stage share the bins, so the sums of residuals in every bin, for every
class, are one sparse matrix product; the right child's sums are the parent's less the left's.
Splits are those of an exact search (largest drop of squared error, ties broken at random).
Source: Friedman (2001), https://doi.org/10.1214/aos/1013203451
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from toolkit.disentanglement.predictor.bins import Bins
from toolkit.disentanglement.predictor.tree_splits import Nodes, Splits, best_splits
from toolkit.disentanglement.record import Array

Sums = tuple[Array, Array, Array]  # residuals and rows by bin and node, squares by node
REACH = 64  # rows looked at, first, for the neighbour of a cut


@dataclass(frozen=True, kw_only=True)
class Trees:
    """One tree per class, all of full depth; an unused split sends everything left.

    Arguments:
        channel: (nodes, classes), what each inner node looks at, nodes in breadth-first order.
        threshold: (nodes, classes); values up to it go left.
        leaf: (n, classes), the leaf each training row came to.
        gain: (d, classes), drop of squared error by channel, summed over nodes.
    """

    channel: npt.NDArray[np.int64]
    threshold: Float[Array, "nodes classes"]
    leaf: npt.NDArray[np.unsignedinteger]
    gain: Float[Array, "d classes"]


def grow(
    residual: Float[Array, "n classes"],
    bins: Bins,
    *,
    depth: int,
    generator: np.random.Generator,
) -> Trees:
    """Grow one tree for each column of residuals.

    Arguments:
        residual: (n, classes), what the trees are fitted to.
        bins: the channels.
        depth: levels of splits.
        generator: breaks ties between channels of equal gain.
    """
    rows, classes = residual.shape
    leaf = np.zeros((rows, classes), dtype=np.min_scalar_type(2**depth))
    channels, thresholds = [], []
    gain = np.zeros((len(bins.rank), classes))
    row, tree = np.nonzero(residual > 0)
    sums = _sums(residual, leaf == 0, bins)
    for level in range(depth):
        # Sum of positive residuals by bin and node
        nodes = 2**level * classes
        cell = (
            bins.bin_of[row] * nodes + (leaf[row, tree].astype(np.int64) * classes + tree)[:, None]
        )
        weight = np.repeat(residual[row, tree], cell.shape[1])
        above = np.bincount(cell.ravel(), weights=weight, minlength=bins.last.size * nodes)
        # Best split of every node of the level
        splits = best_splits(
            Nodes(*sums[:2], above.reshape(-1, nodes), sums[2], residual, leaf), bins, generator
        )
        np.add.at(gain, (splits.channel, np.arange(len(splits.gain)) % classes), splits.gain)
        channels.append(splits.channel.reshape(-1, classes))
        thresholds.append(_thresholds(splits, leaf, bins).reshape(-1, classes))
        # Rows and sums of the next level
        below = 2 * np.ascontiguousarray(leaf.T)
        for node in np.flatnonzero(splits.cut >= 0):
            position, of_tree = divmod(int(node), classes)
            right = bins.rank[splits.channel[node]] > splits.cut[node]
            below[of_tree] += (leaf[:, of_tree] == position) & right
        leaf = np.ascontiguousarray(below.T)
        if level + 1 < depth:
            lefts = [_sums(residual, leaf == 2 * position, bins) for position in range(2**level)]
            # Left and right child of every node, one after the other; the right is what remains
            total, count, square = (
                np.concatenate(
                    [
                        child
                        for position, left in enumerate(parts)
                        for child in (
                            left,
                            whole[..., position * classes : (position + 1) * classes] - left,
                        )
                    ],
                    axis=-1,
                )
                for whole, parts in zip(sums, zip(*lefts, strict=True), strict=True)
            )
            sums = total, count, square
    return Trees(
        channel=np.concatenate(channels), threshold=np.concatenate(thresholds), leaf=leaf, gain=gain
    )


def _sums(residual: Array, inside: Array, bins: Bins) -> Sums:
    classes = residual.shape[1]
    both = np.empty((len(residual), 2 * classes))
    np.multiply(residual, inside, out=both[:, :classes])
    both[:, classes:] = inside
    summed = np.asarray(bins.members @ both)
    square = np.einsum("nc,nc->c", both[:, :classes], residual)
    return summed[:, :classes], summed[:, classes:], square


def _thresholds(splits: Splits, leaf: Array, bins: Bins) -> Array:
    """Half-way between the values of a node on both sides of its cut; +inf for no split."""
    threshold = np.full(len(splits.cut), np.inf)
    nodes = np.flatnonzero(splits.cut >= 0)
    channel = splits.channel[nodes]
    begin = bins.end[channel, splits.cut[nodes]]
    left = _nearest(begin - 1, -1, channel, nodes, leaf, bins)
    right = _nearest(begin, 1, channel, nodes, leaf, bins)
    threshold[nodes] = (bins.high[channel, left] + bins.low[channel, right]) / 2
    return threshold


def _nearest(
    begin: Array, step: int, channel: Array, nodes: Array, leaf: Array, bins: Bins
) -> npt.NDArray[np.int64]:
    """The rank of the first row of each node, from a position in the order onwards."""
    found = np.empty(len(begin), dtype=np.int64)
    position, tree = np.divmod(nodes[:, None], leaf.shape[1])
    open_, reach = np.arange(len(begin)), REACH
    while len(open_):
        # Rows within reach, and the first of them that belongs to the node
        at = begin[open_, None] + step * np.arange(reach)
        real = (at >= 0) & (at < bins.order.shape[1])
        row = bins.order[channel[open_, None], np.where(real, at, 0)]
        hit = (leaf[row, tree[open_]] == position[open_]) & real
        first, any_hit = hit.argmax(axis=1), hit.any(axis=1)
        rank = bins.rank[channel[open_], row[np.arange(len(open_)), first]]
        found[open_[any_hit]] = rank[any_hit]
        # Nodes without one look farther
        open_, reach = open_[~any_hit], 4 * reach
    return found
