"""Regression trees on binned channels, one for each class, grown all at once.

The trees of one boosting stage share the bins, so the sums of residuals in every bin, for every
class, are one sparse matrix product; the right child's sums are the parent's less the left's. The
split that is chosen is the one exact search finds (largest drop of squared error, ties broken at
random), as long as a channel has no more distinct values than bins.
Source: Friedman (2001), https://doi.org/10.1214/aos/1013203451
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int
from scipy.sparse import csr_array

from toolkit.disentanglement.record import Array

ALIKE = 1e-7  # neighbouring values closer than this are one value
PURE = float(np.finfo(np.float64).eps)  # a node of less variance is a leaf
TIE = 1e-12  # relative: gains this close are equal but for rounding


@dataclass(frozen=True, kw_only=True)
class Bins:
    """Channels cut into bins, and the counting matrix that sums over them.

    Arguments:
        codes: (n, d) int, the bin of each code.
        low, high: (d, b), smallest and largest value in each bin; +inf where a bin is not used.
        members: sparse (d * b, n), one where a row lies in the bin.
    """

    codes: Int[Array, "n d"]
    low: Float[Array, "d b"]
    high: Float[Array, "d b"]
    members: csr_array
    counts: csr_array


def bin_channels(codes: Float[Array, "n d"], *, bins: int) -> Bins:
    """Cut each channel at its distinct values, or at quantiles where it has more than `bins`.

    Arguments:
        codes: (n, d); cut in single precision, as tree libraries do.
        bins: how many values a channel may have before quantiles are taken.
    """
    rows, channels = codes.shape
    columns = [_bin(column, bins=bins) for column in codes.astype(np.float32).T]
    width = max(len(low) for _, low, _ in columns)
    place = np.concatenate([binned + width * j for j, (binned, _, _) in enumerate(columns)])
    row = np.tile(np.arange(rows), channels)
    ones = np.ones(len(place))
    members = csr_array((ones, (place, row)), shape=(channels * width, rows))
    return Bins(
        codes=np.stack([binned for binned, _, _ in columns], axis=1),
        low=np.stack([_pad(low, width) for _, low, _ in columns]),
        high=np.stack([_pad(high, width) for _, _, high in columns]),
        members=members,
        counts=members.astype(np.float32),
    )


def _pad(values: Float[Array, " b"], width: int) -> Float[Array, " w"]:
    return np.pad(values, (0, width - len(values)), constant_values=np.inf)


def _bin(column: Float[Array, " n"], *, bins: int) -> tuple[Array, Array, Array]:
    values = np.unique(column).astype(np.float64)
    starts = np.flatnonzero(np.diff(values, prepend=-np.inf) > ALIKE)
    if len(starts) > bins:
        wanted = np.quantile(column, np.arange(1, bins) / bins, method="lower")
        cuts = np.searchsorted(values[starts], wanted, side="left")
        starts = starts[np.unique(np.concatenate([[0], cuts]))]
    low = values[starts]
    high = values[np.append(starts[1:], len(values)) - 1]
    binned = np.searchsorted(low, column.astype(np.float64), side="right") - 1
    return binned.astype(np.int32), low, high


@dataclass(frozen=True, kw_only=True)
class Trees:
    """One tree a class, all of full depth; an unused split sends everything left.

    Arguments:
        channel: (nodes, classes), what each inner node looks at, nodes in breadth-first order.
        threshold: (nodes, classes); values up to it go left.
        leaf: (n, classes), the leaf each training row came to.
        gain: (d, classes), drop of squared error by channel, summed over nodes.
    """

    channel: npt.NDArray[np.intp]
    threshold: Float[Array, "nodes classes"]
    leaf: npt.NDArray[np.intp]
    gain: Float[Array, "d classes"]


@dataclass(frozen=True)
class _Sums:
    """Of the residuals in a node: by bin and class, and over the node for each class."""

    total: Array  # (d * b, classes)
    count: Array  # (d * b, classes)
    square: Array  # (classes,)

    def less(self, part: "_Sums") -> "_Sums":
        return _Sums(self.total - part.total, self.count - part.count, self.square - part.square)


def _sums(residual: Array, inside: Array, bins: Bins) -> _Sums:
    share = residual * inside
    return _Sums(
        bins.members @ share,
        np.asarray(bins.counts @ inside.astype(np.float32), dtype=np.float64),
        (share * residual).sum(axis=0),
    )


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
    channels = bins.low.shape[0]
    leaf = np.zeros((rows, classes), dtype=np.intp)
    chosen, thresholds = [], []
    gain = np.zeros((channels, classes))
    nodes = [_sums(residual, np.ones_like(residual), bins)]
    for level in range(depth):
        right = np.zeros((rows, classes), dtype=bool)
        found = [_best_split(node, bins, generator) for node in nodes]
        for place, (channel, cut, threshold, drop) in enumerate(found):
            right |= (leaf == place) & (bins.codes[:, channel] > cut)
            np.add.at(gain, (channel, np.arange(classes)), drop)
            chosen.append(channel)
            thresholds.append(threshold)
        leaf = 2 * leaf + right
        if level + 1 < depth:
            lefts = [_sums(residual, leaf == 2 * place, bins) for place in range(len(nodes))]
            nodes = [
                child
                for node, left in zip(nodes, lefts, strict=True)
                for child in (left, node.less(left))
            ]
    return Trees(channel=np.stack(chosen), threshold=np.stack(thresholds), leaf=leaf, gain=gain)


def _best_split(
    node: _Sums, bins: Bins, generator: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """Channel, last bin to go left, threshold (+inf for no split) and gain, for each class."""
    channels, width = bins.low.shape
    classes = node.total.shape[1]
    totals = node.total.reshape(channels, width, classes)
    counts = node.count.reshape(channels, width, classes)
    total, size = totals[0].sum(axis=0), counts[0].sum(axis=0)
    found = [_best_cut(*pair, total, size) for pair in zip(totals, counts, strict=True)]
    best, cut, after = (np.stack(part) for part in zip(*found, strict=True))
    top = best.max(axis=0)
    lot = generator.random(best.shape)
    channel = np.where(best >= top - TIE * np.abs(top), lot, -1.0).argmax(axis=0)
    each = np.arange(classes)
    cut, after = cut[channel, each], after[channel, each]
    with np.errstate(invalid="ignore", divide="ignore"):
        pure = ~(node.square / size - (total / size) ** 2 > PURE) | ~np.isfinite(top)
        base = total**2 / size
    threshold = (bins.high[channel, cut] + bins.low[channel, np.minimum(after, width - 1)]) / 2
    return (
        channel,
        np.where(pure, width, cut),
        np.where(pure, np.inf, threshold),
        np.where(pure, 0.0, np.where(pure, 0.0, top) - np.where(pure, 0.0, base)),
    )


def _best_cut(total: Array, count: Array, whole: Array, size: Array) -> tuple[Array, Array, Array]:
    """Of one channel, for each class: best gain, its last bin on the left, first used on the right.

    One channel at a time stays in the processor's cache, which all channels together do not.
    """
    left, count = total.cumsum(axis=0), count.cumsum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = left**2 / count + (whole - left) ** 2 / (size - count)
    gain[(count <= 0) | (count >= size)] = -np.inf
    cut = gain.argmax(axis=0)
    each = np.arange(len(size))
    after = (count <= count[cut, each]).sum(axis=0)
    return gain[cut, each], cut, after
