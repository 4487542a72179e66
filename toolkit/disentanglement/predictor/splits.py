"""The best split of a node, exactly, at about the cost of a histogram.

Sums over bins give the gain of every cut between two bins. Within a bin the gain of a cut is
bounded: the residuals on its left lie between the sum before the bin less the negative ones in it,
and that sum plus the positive ones. Only bins whose bound reaches the best cut between bins are
searched row by row, so the split is the one that an exact search finds, whatever the bins.
Source: Friedman (2001), https://doi.org/10.1214/aos/1013203451
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from toolkit.disentanglement.predictor.bins import Bins
from toolkit.disentanglement.record import Array

PURE = float(np.finfo(np.float64).eps)  # a node of less variance is a leaf
TIE = 1e-12  # relative: gains this close are equal but for rounding
SLACK = 1e-9  # relative: what rounding may take from a bound
SLAB = 1 << 19  # rows searched one by one that are held at a time


@dataclass(frozen=True)
class Sums:
    """Of the residuals in a node: by bin and tree, and over the node for each tree."""

    total: Array  # (d * b, trees)
    count: Array  # (d * b, trees)
    square: Array  # (trees,)

    def less(self, part: "Sums") -> "Sums":
        """What remains for the other child."""
        return Sums(self.total - part.total, self.count - part.count, self.square - part.square)


@dataclass(frozen=True)
class Node:
    """One node of every tree, all at the same place.

    Arguments:
        sums: of its residuals.
        above: (d * b, trees), sum of its positive residuals in each bin.
        residual: (n, trees), of all rows.
        leaf: (n, trees), the place of each row; the node's rows are at `place`.
    """

    sums: Sums
    above: Float[Array, "bins trees"]
    residual: Float[Array, "n trees"]
    leaf: npt.NDArray[np.unsignedinteger]
    place: int


@dataclass(frozen=True)
class Split:
    """For each tree: channel, largest rank to go left (-1 for no split), drop of squared error."""

    channel: npt.NDArray[np.int64]
    cut: npt.NDArray[np.int64]
    gain: Float[Array, " trees"]


@dataclass(frozen=True)
class _Level:
    """Sums up to the end of each bin, (d, b, trees), and over the node, (trees,)."""

    before: Array  # rows of the node left of the bin
    after: Array  # the same and those in the bin
    lean: Array  # sum of residuals up to the end of the bin, less its share of the node's sum
    mean: Array
    size: Array


def best_split(node: Node, bins: Bins, generator: np.random.Generator) -> Split:
    """The split of the largest drop of squared error for each tree; equal channels draw lots."""
    channels, width = bins.last.shape
    trees = node.residual.shape[1]
    total = node.sums.total.reshape(channels, width, trees).cumsum(axis=1)
    count = node.sums.count.reshape(channels, width, trees)
    after = count.cumsum(axis=1)
    size = after[0, -1]
    mean = total[0, -1] / np.maximum(size, 1)
    level = _Level(after - count, after, total - mean * after, mean, size)
    room = after * (size - after)
    gain = np.divide(level.lean**2, room, out=np.full_like(room, -1.0), where=room > 0)
    between = gain.argmax(axis=1)
    best = np.take_along_axis(gain, between[:, None], axis=1)[:, 0]
    cut = np.take_along_axis(bins.last, between, axis=1).astype(np.int64)
    _search_within(node, bins, level, best, cut)
    top = best.max(axis=0)
    lot = generator.random(best.shape)
    channel = np.where(best >= top - TIE * np.abs(top), lot, -1.0).argmax(axis=0)
    variance = node.sums.square / np.maximum(size, 1) - mean**2
    splits = (variance > PURE) & (top >= 0)
    return Split(
        channel=channel,
        cut=np.where(splits, cut[channel, np.arange(trees)], -1),
        gain=np.where(splits, top * size, 0.0),
    )


def _promising(node: Node, bins: Bins, level: _Level, top: Array) -> tuple[Array, Array, Array]:
    """Channel, bin and tree wherever a cut within the bin might be as good as the best so far."""
    shape = level.after.shape
    count = level.after - level.before
    free = node.above.reshape(shape) + np.maximum(-level.mean * count, 0.0)
    start = np.zeros(shape)
    start[:, 1:] = level.lean[:, :-1]
    reach = free + np.maximum(start, -level.lean)
    first, last = level.before + 1, level.after - 1
    room = np.minimum(first * (level.size - first), last * (level.size - last))
    may = reach**2 * (1 + SLACK) >= top * room
    channel, place, tree = np.nonzero(may & (count > 1) & bins.divisible[:, :, None])
    return channel, place, tree


def _search_within(node: Node, bins: Bins, level: _Level, best: Array, cut: Array) -> None:
    """Try every cut within the promising bins; `best` and `cut` (d, trees) are brought up to date.

    Of equally good cuts of a channel the first is kept.
    """
    channel, place, tree = _promising(node, bins, level, best.max(axis=0))
    begin = bins.start[channel, place]
    length = bins.start[channel, place + 1] - begin
    slabs = np.searchsorted(np.cumsum(length), np.arange(SLAB, length.sum() + SLAB, SLAB)) + 1
    for some in np.split(np.arange(len(channel)), slabs[:-1]) if len(channel) else []:
        found = _within(node, bins, level, (channel[some], place[some], tree[some]))
        _take_better(*found, best, cut)


def _within(
    node: Node, bins: Bins, level: _Level, where: tuple[Array, Array, Array]
) -> tuple[Array, Array, Array, Array]:
    """Channel, tree, last rank on the left and gain of every cut within some bins."""
    channel, place, tree = where
    rows, trees = node.residual.shape
    begin = bins.start[channel, place]
    length = bins.start[channel, place + 1] - begin
    bin_of = np.repeat(np.arange(len(length)), length)
    begin = begin + rows * channel - np.cumsum(length) + length
    position = np.arange(len(bin_of)) + begin[bin_of]
    flat = bins.order.ravel()[position].astype(np.int64) * trees + tree[bin_of]
    inside = node.leaf.ravel()[flat] == node.place
    bin_of, position, flat = bin_of[inside], position[inside], flat[inside]
    row = flat // trees
    start = np.flatnonzero(np.diff(bin_of, prepend=-1))
    value = node.residual.ravel()[flat] - level.mean[tree[bin_of]]
    summed = np.cumsum(value)
    base = summed[start] - value[start]
    lean = np.where(place > 0, level.lean[channel, place - 1, tree], 0.0)
    before = level.before[channel, place, tree]
    rise = np.diff(start, append=len(bin_of))
    lean_at = summed + np.repeat(lean - base, rise)
    count = np.arange(1, len(bin_of) + 1) + np.repeat(before - start, rise)
    rank = bins.rank[channel[bin_of], row]
    cuts = np.append((bin_of[1:] == bin_of[:-1]) & (rank[1:] > rank[:-1]), False)
    bin_of, count = bin_of[cuts], count[cuts]
    room = count * (level.size[tree[bin_of]] - count)
    return channel[bin_of], tree[bin_of], rank[cuts], lean_at[cuts] ** 2 / room


def _take_better(
    channel: Array, tree: Array, rank: Array, gain: Array, best: Array, cut: Array
) -> None:
    chance = gain >= best[channel, tree]
    channel, tree, rank, gain = channel[chance], tree[chance], rank[chance], gain[chance]
    former = best.copy()
    np.maximum.at(best, (channel, tree), gain)
    cut[best > former] = np.iinfo(np.int64).max
    winner = gain == best[channel, tree]
    np.minimum.at(cut, (channel[winner], tree[winner]), rank[winner])
