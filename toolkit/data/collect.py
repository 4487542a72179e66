"""From a stream of blocks to the chosen images, so that a large file never lies in memory whole."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from toolkit.data.images import Images, Indices, allocate
from toolkit.errors import ToolkitError

Transform = Callable[[np.ndarray, Indices], Images]


def collect(
    blocks: Iterable[np.ndarray],
    indices: Indices,
    *,
    shape: Sequence[int],
    transform: Transform,
) -> Images:
    """The images at `indices` (rising) of a stream of rows.

    Arguments:
        blocks: consecutive rows, some at a time, all of them.
        shape: of one image after `transform`.
        transform: from raw rows (b, ...) and their indices (b,) to images (b, c, h, w).

    >>> rows = iter([np.arange(3, dtype=np.uint8), np.arange(3, 5, dtype=np.uint8)])
    >>> def dot(raw, at):
    ...     return raw.reshape(-1, 1, 1, 1)
    >>> collect(rows, np.array([1, 4]), shape=(1, 1, 1), transform=dot).ravel().tolist()
    [1, 4]
    """
    result = allocate((len(indices), *shape))
    start = filled = 0
    for block in blocks:
        low, high = np.searchsorted(indices, [start, start + len(block)])
        if high > low:
            chosen = indices[low:high]
            result[low:high] = transform(block[chosen - start], chosen)
        start, filled = start + len(block), high
    if filled < len(indices):
        raise ToolkitError(
            f"image {indices[-1]} was asked of a file that holds {start}. Download it again."
        )
    return result


def channels_first(rows: np.ndarray, indices: Indices) -> Images:
    """Rows (b, h, w, c) as images (b, c, h, w)."""
    del indices
    return np.moveaxis(rows, -1, 1)
