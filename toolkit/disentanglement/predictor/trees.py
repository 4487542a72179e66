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
from toolkit.disentanglement.predictor.splits import Node, Split, Sums, best_split
from toolkit.disentanglement.record import Array

REACH = 64  # rows looked at, first, for the neighbour of a cut


@dataclass(frozen=True, kw_only=True)
class Trees:
    """One tree a class, all of full depth; an unused split sends everything left.

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
    chosen, thresholds = [], []
    gain = np.zeros((len(bins.rank), classes))
    row, tree = np.nonzero(residual > 0)
    sums = [_sums(residual, leaf == 0, bins)]
    for level in range(depth):
        above = _above(residual, leaf, (row, tree), bins, places=len(sums))
        splits = [
            best_split(Node(each, above[place], residual, leaf, place), bins, generator)
            for place, each in enumerate(sums)
        ]
        for place, split in enumerate(splits):
            np.add.at(gain, (split.channel, np.arange(classes)), split.gain)
            chosen.append(split.channel)
            thresholds.append(_thresholds(split, leaf, place, bins))
        leaf = _descend(leaf, splits, bins)
        if level + 1 < depth:
            lefts = [_sums(residual, leaf == 2 * place, bins) for place in range(len(sums))]
            sums = [
                child
                for node, left in zip(sums, lefts, strict=True)
                for child in (left, node.less(left))
            ]
    return Trees(channel=np.stack(chosen), threshold=np.stack(thresholds), leaf=leaf, gain=gain)


def _sums(residual: Array, inside: Array, bins: Bins) -> Sums:
    classes = residual.shape[1]
    both = np.empty((len(residual), 2 * classes))
    np.multiply(residual, inside, out=both[:, :classes])
    both[:, classes:] = inside
    summed = np.asarray(bins.members @ both)
    square = np.einsum("nc,nc->c", both[:, :classes], residual)
    return Sums(summed[:, :classes].copy(), summed[:, classes:].copy(), square)


def _above(
    residual: Array, leaf: Array, risen: tuple[Array, Array], bins: Bins, *, places: int
) -> Float[Array, "places bins classes"]:
    """The sum of positive residuals by place, bin and class."""
    row, tree = risen
    classes, width = residual.shape[1], bins.last.size
    at = (leaf[risen].astype(np.int64)[:, None] * width + bins.place[row]) * classes + tree[:, None]
    weight = np.repeat(residual[risen], bins.place.shape[1])
    summed = np.bincount(at.ravel(), weights=weight, minlength=places * width * classes)
    return summed.reshape(places, width, classes)


def _descend(leaf: Array, splits: list[Split], bins: Bins) -> npt.NDArray[np.unsignedinteger]:
    """The places of all rows one level further down."""
    above = np.ascontiguousarray(leaf.T)
    below = 2 * above
    for tree, (old, new) in enumerate(zip(above, below, strict=True)):
        for place, split in enumerate(splits):
            if split.cut[tree] >= 0:
                new += (old == place) & (bins.rank[split.channel[tree]] > split.cut[tree])
    return np.ascontiguousarray(below.T)


def _thresholds(split: Split, leaf: Array, place: int, bins: Bins) -> Float[Array, " classes"]:
    """Half-way between the values of the node on both sides of each cut; +inf for no split."""
    threshold = np.full(len(split.cut), np.inf)
    splits = np.flatnonzero(split.cut >= 0)
    channel = split.channel[splits]
    inside, begin = leaf == place, bins.end[channel, split.cut[splits]]
    left = _nearest(begin - 1, -1, channel, splits, inside, bins)
    right = _nearest(begin, 1, channel, splits, inside, bins)
    threshold[splits] = (bins.high[channel, left] + bins.low[channel, right]) / 2
    return threshold


def _nearest(
    begin: Array, step: int, channel: Array, trees: Array, inside: Array, bins: Bins
) -> npt.NDArray[np.int64]:
    """The rank of the first row inside the node, from a position in the order onwards."""
    found = np.empty(len(begin), dtype=np.int64)
    open_, reach = np.arange(len(begin)), REACH
    while len(open_):
        position = begin[open_, None] + step * np.arange(reach)
        real = (position >= 0) & (position < bins.order.shape[1])
        row = bins.order[channel[open_, None], np.where(real, position, 0)]
        hit = inside[row, trees[open_, None]] & real
        first, got = hit.argmax(axis=1), hit.any(axis=1)
        found[open_[got]] = bins.rank[channel[open_], row[np.arange(len(open_)), first]][got]
        open_, reach = open_[~got], 4 * reach
    return found
