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
    """All nodes of a level, tree after tree within place after place: m of them.

    Arguments:
        total, rows: (d * b, m), sum of residuals and number of rows in each bin.
        above: (d * b, m), sum of positive residuals in each bin.
        square: (m,), sum of squared residuals.
        residual: (n, trees), of all rows.
        leaf: (n, trees), the place that each row has come to.
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
    total = nodes.total.reshape(shape).cumsum(axis=1)
    count = nodes.rows.reshape(shape)
    after = count.cumsum(axis=1)
    size = after[0, -1]
    mean = total[0, -1] / np.maximum(size, 1)
    level = _Level(after - count, after, total - mean * after, mean, size)
    room = after * (size - after)
    gain = np.divide(level.lean**2, room, out=np.full_like(room, -1.0), where=room > 0)
    between = gain.argmax(axis=1)
    best = np.take_along_axis(gain, between[:, None], axis=1)[:, 0]
    cut = np.take_along_axis(bins.last, between, axis=1).astype(np.int64)
    _search_within(nodes, bins, level, best, cut)
    top = best.max(axis=0)
    lot = generator.random(best.shape)
    channel = np.where(best >= top - TIE * np.abs(top), lot, -1.0).argmax(axis=0)
    variance = nodes.square / np.maximum(size, 1) - mean**2
    splits = (variance > PURE) & (top >= 0)
    return Splits(
        channel=channel,
        cut=np.where(splits, cut[channel, np.arange(shape[2])], -1),
        gain=np.where(splits, top * size, 0.0),
    )


def _promising(nodes: Nodes, bins: Bins, level: _Level, top: Array) -> tuple[Array, Array, Array]:
    """Channel, bin and node wherever a cut within the bin might be as good as the best so far."""
    shape = level.after.shape
    count = level.after - level.before
    free = nodes.above.reshape(shape) + np.maximum(-level.mean * count, 0.0)
    start = np.zeros(shape)
    start[:, 1:] = level.lean[:, :-1]
    reach = free + np.maximum(start, -level.lean)
    first, last = level.before + 1, level.after - 1
    room = np.minimum(first * (level.size - first), last * (level.size - last))
    may = reach**2 * (1 + SLACK) >= top * room
    channel, place, node = np.nonzero(may & (count > 1) & bins.divisible[:, :, None])
    return channel, place, node


def _search_within(nodes: Nodes, bins: Bins, level: _Level, best: Array, cut: Array) -> None:
    """Try every cut within the promising bins; `best` and `cut` (d, m) are brought up to date.

    Of equally good cuts of a channel the first is kept.
    """
    channel, place, node = _promising(nodes, bins, level, best.max(axis=0))
    begin = bins.start[channel, place]
    length = bins.start[channel, place + 1] - begin
    slabs = np.searchsorted(np.cumsum(length), np.arange(SLAB, length.sum() + SLAB, SLAB)) + 1
    for some in np.split(np.arange(len(channel)), slabs[:-1]) if len(channel) else []:
        found = _within(nodes, bins, level, (channel[some], place[some], node[some]))
        _take_better(*found, best, cut)


def _within(
    nodes: Nodes, bins: Bins, level: _Level, where: tuple[Array, Array, Array]
) -> tuple[Array, Array, Array, Array]:
    """Channel, node, last rank on the left and gain of every cut within some bins."""
    channel, place, node = where
    rows, trees = nodes.residual.shape
    begin = bins.start[channel, place]
    length = bins.start[channel, place + 1] - begin
    bin_of = np.repeat(np.arange(len(length)), length)
    begin = begin + rows * channel - np.cumsum(length) + length
    position = np.arange(len(bin_of)) + begin[bin_of]
    flat = bins.order.ravel()[position].astype(np.int64) * trees + (node % trees)[bin_of]
    inside = nodes.leaf.ravel()[flat] == (node // trees)[bin_of]
    bin_of, position, flat = bin_of[inside], position[inside], flat[inside]
    row = flat // trees
    start = np.flatnonzero(np.diff(bin_of, prepend=-1))
    value = nodes.residual.ravel()[flat] - level.mean[node[bin_of]]
    summed = np.cumsum(value)
    base = summed[start] - value[start]
    lean = np.where(place > 0, level.lean[channel, place - 1, node], 0.0)
    before = level.before[channel, place, node]
    rise = np.diff(start, append=len(bin_of))
    lean_at = summed + np.repeat(lean - base, rise)
    count = np.arange(1, len(bin_of) + 1) + np.repeat(before - start, rise)
    rank = bins.rank[channel[bin_of], row]
    cuts = np.append((bin_of[1:] == bin_of[:-1]) & (rank[1:] > rank[:-1]), False)
    bin_of, count = bin_of[cuts], count[cuts]
    room = count * (level.size[node[bin_of]] - count)
    return channel[bin_of], node[bin_of], rank[cuts], lean_at[cuts] ** 2 / room


def _take_better(
    channel: Array, node: Array, rank: Array, gain: Array, best: Array, cut: Array
) -> None:
    chance = gain >= best[channel, node]
    channel, node, rank, gain = channel[chance], node[chance], rank[chance], gain[chance]
    former = best.copy()
    np.maximum.at(best, (channel, node), gain)
    cut[best > former] = np.iinfo(np.int64).max
    winner = gain == best[channel, node]
    np.minimum.at(cut, (channel[winner], node[winner]), rank[winner])
