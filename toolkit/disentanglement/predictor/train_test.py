"""Which rows a predictor learns from, and which it is asked about."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Num

from toolkit.disentanglement.inputs import Codes, Factors, Labelled, label
from toolkit.disentanglement.record import Array
from toolkit.errors import ToolkitError

Split = str | int
HELD_OUT = 3  # one row in so many


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Row numbers to learn from and to be asked about."""

    train: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]


def part_rows(rows: int, *, split: Split, seed: int) -> Parts:
    """Part the rows.

    >>> part_rows(5, split=2, seed=0).test
    array([3, 4])

    Arguments:
        rows: how many there are.
        split: "held_out" keeps a third of the rows, drawn with `seed`, for asking; "in_sample" asks
            about the very rows learnt from; a whole number asks about that many last rows, for
            protocols that draw the two apart.
        seed: of the draw.
    """
    every = np.arange(rows, dtype=np.int64)
    if split == "in_sample":
        return Parts(train=every, test=every)
    if split == "held_out":
        order = np.random.default_rng(seed).permutation(every)
        asked = max(rows // HELD_OUT, 1)
        return Parts(train=np.sort(order[asked:]), test=np.sort(order[:asked]))
    if isinstance(split, int) and not isinstance(split, bool) and 0 < split < rows:
        return Parts(train=every[:-split], test=every[-split:])
    raise ToolkitError(
        f"{split!r} is no way to part {rows} rows. Use 'in_sample', 'held_out', or a number of "
        f"last rows between 1 and {rows - 1}."
    )


def label_and_part(
    codes: Codes, factors: Factors, *, split: Split, seed: int
) -> tuple[Labelled, Parts]:
    """Check codes and factors, and part their rows."""
    data = label(codes, factors, rows=3)
    return data, part_rows(len(data.codes), split=split, seed=seed)


def standardise(
    codes: Num[Array, "n d"], *, train: npt.NDArray[np.int64]
) -> tuple[Num[Array, "n d"], Num[Array, " d"]]:
    """Codes with mean 0 and deviation 1 on the training rows (constant channels 0), and deviations.

    >>> standardise(np.array([[1.0, 5.0], [3.0, 5.0]]), train=np.array([0, 1]))[0]
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    seen = codes[train].astype(np.float64)
    # a channel whose values differ by rounding only is constant
    spread = np.where(np.ptp(seen, axis=0) > 0, seen.std(axis=0), 0.0)
    moved = np.where(spread > 0, codes - seen.mean(axis=0), 0.0)
    return moved / np.where(spread > 0, spread, 1.0), spread
