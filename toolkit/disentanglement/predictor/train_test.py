"""Which rows a predictor is trained on, and which it is tested on."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from annotated_types import Ge
from jaxtyping import Num

from toolkit.disentanglement.inputs import Codes, Factors, Labelled, label
from toolkit.disentanglement.record import Array
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.errors import ToolkitError

Split = Literal["held_out", "in_sample"] | Annotated[int, Ge(1)]
HELD_OUT = 3  # one row in so many


@dataclass(frozen=True, kw_only=True)
class PredictorSettings(ScoreSettings):
    """Settings of a score that trains a predictor of each factor.

    Arguments:
        split: "held_out" tests on a third of the rows, drawn by the seed; "in_sample" on the
            training rows; a whole number on that many last rows. None leaves it to the protocol,
            and is "held_out" without one.
    """

    split: Split | None = None


PREDICTOR = PredictorSettings()


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Row numbers to train on and to test on."""

    train: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]


def part_rows(rows: int, *, split: Split | None, seed: int) -> Parts:
    """Part the rows.

    >>> part_rows(5, split=2, seed=0).test
    array([3, 4])

    Arguments:
        rows: how many there are.
        split: see `PredictorSettings`.
        seed: of the draw.
    """
    every = np.arange(rows, dtype=np.int64)
    if split == "in_sample":
        return Parts(train=every, test=every)
    if split is None or split == "held_out":
        order = np.random.default_rng(seed).permutation(every)
        test = max(rows // HELD_OUT, 1)
        return Parts(train=np.sort(order[test:]), test=np.sort(order[:test]))
    if isinstance(split, int) and not isinstance(split, bool) and 0 < split < rows:
        return Parts(train=every[:-split], test=every[-split:])
    raise ToolkitError(
        f"`split` is {split!r}; it must be 'in_sample', 'held_out', or a number of last rows "
        f"between 1 and {rows - 1}."
    )


def label_and_part(
    codes: Codes, factors: Factors, *, split: Split | None, seed: int
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
