"""Channels in order, and cut into bins: what the growing of trees looks up instead of sorting.

A channel can be cut at every distinct value; bins only gather neighbouring values, so
that sums over a channel are few numbers. Made once for all trees of all stages.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Bool, Float, Int

from toolkit.disentanglement.record import Array

ALIKE = 1e-7  # neighbouring values closer than this are one value
WIDTH = 128  # bins per channel at most: fewer would search more values one by one


@dataclass(frozen=True, kw_only=True)
class Bins:
    """Channels as ranks of their distinct values, and as bins of neighbouring ranks.

    Arguments:
        rank: (d, n), which distinct value each row has, counted from the smallest.
        order: (d, n), rows from the smallest value to the largest.
        low, high: (d, r), smallest and largest of the values that count as one; +inf beyond.
        end: (d, r), where the rows of each rank end in `order`.
        start: (d, b + 1), where each bin starts in `order`.
        last: (d, b), the largest rank in each bin; the bins not used repeat the one before.
        divisible: (d, b), where a bin holds more than one distinct value.
        bin_of: (n, d), the bin of each row, counted over all channels.
        members: sparse (d * b, n), one where a row lies in the bin.
    """

    rank: npt.NDArray[np.int32]
    order: npt.NDArray[np.int32]
    low: Float[Array, "d r"]
    high: Float[Array, "d r"]
    end: npt.NDArray[np.int64]
    start: Int[Array, "d b1"]
    last: npt.NDArray[np.int32]
    divisible: Bool[Array, "d b"]
    bin_of: npt.NDArray[np.int64]
    members: "scipy.sparse.csr_array"


def bin_channels(codes: Float[Array, "n d"], *, width: int = WIDTH) -> Bins:
    """Sort each channel and cut it into bins of about equally many rows.

    >>> bin_channels(np.array([[3.0], [1.0], [3.0]])).rank
    array([[1, 0, 1]], dtype=int32)

    Arguments:
        codes: (n, d); told apart in single precision, as tree libraries do.
        width: bins per channel, at most; speed depends on it, the gain of a split does not.
    """
    rows, channels = codes.shape
    # Ranks of the distinct values, and rows in their order
    columns = [_distinct(column) for column in codes.astype(np.float32).T]
    distinct = max(len(low) for _, low, _ in columns)
    rank = np.stack([ranks for ranks, _, _ in columns])
    order = np.argsort(rank, axis=1, kind="stable").astype(np.int32)
    ordered = np.take_along_axis(rank, order, axis=1)
    # First and last rank of each bin
    start = np.stack([_starts(line, bins=min(width, distinct)) for line in ordered])
    last = ordered[np.arange(channels)[:, None], np.maximum(start[:, 1:] - 1, 0)]
    first = ordered[np.arange(channels)[:, None], np.minimum(start[:, :-1], rows - 1)]
    # The bin of each row, as numbers and as a sparse matrix
    size = start.shape[1] - 1
    bin_of = [np.searchsorted(last[j], rank[j]) + size * j for j in range(channels)]
    offsets = np.append(
        (start[:, :-1] + rows * np.arange(channels)[:, None]).ravel(), rows * channels
    )
    return Bins(
        rank=rank,
        order=order,
        low=np.stack([_pad(low, distinct) for _, low, _ in columns]),
        high=np.stack([_pad(high, distinct) for _, _, high in columns]),
        end=np.stack([np.searchsorted(line, np.arange(distinct), "right") for line in ordered]),
        start=start,
        last=last,
        divisible=(np.diff(start, axis=1) > 1) & (last > first),
        bin_of=np.stack(bin_of, axis=1),
        members=scipy.sparse.csr_array(
            (np.ones(rows * channels), order.ravel(), offsets), shape=(len(offsets) - 1, rows)
        ),
    )


def _distinct(column: Float[Array, " n"]) -> tuple[npt.NDArray[np.int32], Array, Array]:
    """The rank of each value, and the ends of each group of values that count as one."""
    values = np.unique(column).astype(np.float64)
    starts = np.flatnonzero(np.diff(values, prepend=-np.inf) > ALIKE)
    low, high = values[starts], values[np.append(starts[1:], len(values)) - 1]
    ranks = np.searchsorted(low, column.astype(np.float64), side="right") - 1
    return ranks.astype(np.int32), low, high


def _starts(ordered: npt.NDArray[np.int32], *, bins: int) -> npt.NDArray[np.int64]:
    """Where bins start in ranks in order: no rank lies in two; the last bins may be empty."""
    new = np.flatnonzero(np.diff(ordered, prepend=-1))
    wanted = np.arange(bins) * len(ordered) // bins if len(new) > bins else new
    found = np.unique(new[np.searchsorted(new, wanted, side="right") - 1])
    return np.pad(found, (0, bins + 1 - len(found)), constant_values=len(ordered))


def _pad(values: Float[Array, " b"], width: int) -> Float[Array, " w"]:
    return np.pad(values, (0, width - len(values)), constant_values=np.inf)
