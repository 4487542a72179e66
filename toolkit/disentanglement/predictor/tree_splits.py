"""The best split of a node, exactly, at about the cost of a histogram.

Sums over bins give the gain of every cut between two bins. Within a bin the gain of a cut is
bounded: the residuals on its left lie between the sum before the bin less the negative ones in it,
and that sum plus the positive ones. Only bins whose bound reaches the best cut between bins are
searched row by row, so the split is the one that an exact search finds, whatever the bins.
Source: Friedman (2001), https://doi.org/10.1214/aos/1013203451
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from toolkit.disentanglement.predictor.bins import Bins
from toolkit.disentanglement.record import Array

PURE = float(np.finfo(np.float64).eps)  # a node of less variance is a leaf
TIE = 1e-12  # relative: gains this close are equal but for rounding
SLACK = 1e-9  # relative: what rounding may take from a bound
SLAB = 1 << 19  # rows searched one by one that are held at a time


class Nodes(NamedTuple):
    """All nodes of a level, tree after tree within position after position: m of them.

    Arguments:
        total, rows: (d * b, m), sum of residuals and number of rows in each bin.
        above: (d * b, m), sum of positive residuals in each bin.
        square: (m,), sum of squared residuals.
        residual: (n, trees), of all rows.
        leaf: (n, trees), the position in the level that each row has come to.
    """

    total: Array
    rows: Array
    above: Array
    square: Array
    residual: Float[Array, "n trees"]
    leaf: npt.NDArray[np.unsignedinteger]


class Splits(NamedTuple):
    """For each node: channel, largest rank to go left (-1 for no split), drop of squared error."""

    channel: npt.NDArray[np.int64]
    cut: npt.NDArray[np.int64]
    gain: Float[Array, " m"]


class _Level(NamedTuple):
    """Sums up to the end of each bin, (d, b, m), and over each node, (m,)."""

    before: Array  # rows of the node left of the bin
    after: Array  # the same and those in the bin
    lean: Array  # sum of residuals up to the end of the bin, less its share of the node's sum
    mean: Array
    size: Array


def best_splits(nodes: Nodes, bins: Bins, generator: np.random.Generator) -> Splits:
    """The split of the largest drop of squared error for each node; equal channels draw lots."""
    shape = (*bins.last.shape, len(nodes.square))
    # Sums up to the end of each bin
    total = nodes.total.reshape(shape).cumsum(axis=1)
    count = nodes.rows.reshape(shape)
    after = count.cumsum(axis=1)
    size = after[0, -1]
    mean = total[0, -1] / np.maximum(size, 1)
    level = _Level(after - count, after, total - mean * after, mean, size)
    # Best cut between two bins
    room = after * (size - after)
    gain = np.divide(level.lean**2, room, out=np.full_like(room, -1.0), where=room > 0)
    between = gain.argmax(axis=1)
    best = np.take_along_axis(gain, between[:, None], axis=1)[:, 0]
    cut = np.take_along_axis(bins.last, between, axis=1).astype(np.int64)
    # Best cut within a bin, where it may be better
    _search_within(nodes, bins, level, best, cut)
    # Best channel
    top = best.max(axis=0)
    lot = generator.random(best.shape)
    channel = np.where(best >= top - TIE * np.abs(top), lot, -1.0).argmax(axis=0)
    # Nodes of one value stay whole
    variance = nodes.square / np.maximum(size, 1) - mean**2
    splits = (variance > PURE) & (top >= 0)
    return Splits(
        channel=channel,
        cut=np.where(splits, cut[channel, np.arange(shape[2])], -1),
        gain=np.where(splits, top * size, 0.0),
    )


def _search_within(nodes: Nodes, bins: Bins, level: _Level, best: Array, cut: Array) -> None:
    """Try every cut within the promising bins; `best` and `cut` (d, m) are brought up to date.

    Of equally good cuts of a channel the first is kept.
    """
    shape = level.after.shape
    count = level.after - level.before
    # Largest |lean| that any order of the bin's rows could reach
    free = nodes.above.reshape(shape) + np.maximum(-level.mean * count, 0.0)
    start = np.zeros(shape)
    start[:, 1:] = level.lean[:, :-1]
    reach = free + np.maximum(start, -level.lean)
    # Smallest divisor of the gain, at the first or the last cut of the bin
    first, last = level.before + 1, level.after - 1
    room = np.minimum(first * (level.size - first), last * (level.size - last))
    # Bins within which a cut might be as good as the best so far
    may = reach**2 * (1 + SLACK) >= best.max(axis=0) * room
    channel, bin_, node = np.nonzero(may & (count > 1) & bins.divisible[:, :, None])
    length = bins.start[channel, bin_ + 1] - bins.start[channel, bin_]
    slabs = np.searchsorted(np.cumsum(length), np.arange(SLAB, length.sum() + SLAB, SLAB)) + 1
    for slab in np.split(np.arange(len(channel)), slabs[:-1]) if len(channel) else []:
        at_channel, at_node, rank, gain = _cuts_within(
            nodes, bins, level, (channel[slab], bin_[slab], node[slab])
        )
        # Only cuts that reach the best so far
        good = gain >= best[at_channel, at_node]
        at_channel, at_node, rank, gain = at_channel[good], at_node[good], rank[good], gain[good]
        former = best.copy()
        np.maximum.at(best, (at_channel, at_node), gain)
        # Lowest rank among the winners, and the former cut where it is as good
        cut[best > former] = np.iinfo(np.int64).max
        winner = gain == best[at_channel, at_node]
        np.minimum.at(cut, (at_channel[winner], at_node[winner]), rank[winner])


def _cuts_within(
    nodes: Nodes, bins: Bins, level: _Level, where: tuple[Array, Array, Array]
) -> tuple[Array, Array, Array, Array]:
    """Channel, node, last rank on the left and gain of every cut within some bins.

    Arguments:
        nodes, bins, level: of the level.
        where: channel, bin and node of each bin that is searched.
    """
    channel, bin_, node = where
    rows, trees = nodes.residual.shape
    # Positions in `bins.order` of all rows of the bins, bin after bin
    begin = bins.start[channel, bin_]
    length = bins.start[channel, bin_ + 1] - begin
    searched = np.repeat(np.arange(len(length)), length)
    begin = begin + rows * channel - np.cumsum(length) + length
    position = np.arange(len(searched)) + begin[searched]
    # Rows that have come to the node
    flat = bins.order.ravel()[position].astype(np.int64) * trees + (node % trees)[searched]
    inside = nodes.leaf.ravel()[flat] == (node // trees)[searched]
    searched, flat = searched[inside], flat[inside]
    row = flat // trees
    # Running sum of residuals within each bin, from what lies left of it
    start = np.flatnonzero(np.diff(searched, prepend=-1))
    rise = np.diff(start, append=len(searched))
    value = nodes.residual.ravel()[flat] - level.mean[node[searched]]
    summed = np.cumsum(value)
    base = summed[start] - value[start]
    lean = np.where(bin_ > 0, level.lean[channel, bin_ - 1, node], 0.0)
    lean_at = summed + np.repeat(lean - base, rise)
    # Rows left of each cut
    before = level.before[channel, bin_, node]
    count = np.arange(1, len(searched) + 1) + np.repeat(before - start, rise)
    # A cut lies between two rows of one bin with different values
    rank = bins.rank[channel[searched], row]
    cuts = np.append((searched[1:] == searched[:-1]) & (rank[1:] > rank[:-1]), False)
    searched, count = searched[cuts], count[cuts]
    room = count * (level.size[node[searched]] - count)
    return channel[searched], node[searched], rank[cuts], lean_at[cuts] ** 2 / room
