"""Codes and factors as every score takes them: checked once, in one place."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Num

from toolkit.disentanglement.record import Array
from toolkit.errors import ToolkitError

Codes = Num[Array, "n d"]
Factors = Num[Array, "n k"]


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Codes with the factors that vary, each factor's values numbered from 0.

    Arguments:
        codes: (n, d), float64 or, where codes are symbols, int64.
        factors: (n, k) int64; column j holds 0 ... sizes[j] - 1, every one of them used.
        kept: which columns of the given factors these are.
        notes: says which were left out.
    """

    codes: Array
    factors: npt.NDArray[np.int64]
    kept: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values of each factor occur."""
        return tuple(int(column.max()) + 1 for column in self.factors.T)


def as_codes(codes: Codes, *, rows: int = 2) -> Array:
    """The codes as float64, or int64 where they are symbols.

    >>> as_codes(np.array([[1, 2], [3, 4]], dtype=np.int32)).dtype
    dtype('int64')

    Raises:
        ToolkitError: not a table, no channel, too few rows, or a number that is not finite.
    """
    codes = np.asarray(codes)
    if codes.ndim != 2 or codes.shape[1] == 0:
        raise ToolkitError(
            f"codes have the shape {codes.shape}; scores need a row per image and a column per "
            "channel, at least one. Stack them as (images, channels)."
        )
    if codes.shape[0] < rows:
        raise ToolkitError(
            f"codes of {codes.shape[0]} images were given; this score needs at least {rows}. "
            "Encode more images."
        )
    symbols = codes.dtype.kind in "iub"
    codes = codes.astype(np.int64 if symbols else np.float64)
    if not np.isfinite(codes).all():
        raise ToolkitError(
            "codes hold numbers that are not finite: the member diverged. "
            "Lower its learning rate, or leave it out."
        )
    return codes


def label(codes: Codes, factors: Factors, *, rows: int = 2) -> Labelled:
    """Check codes against factors, number the values, and leave out factors of one value.

    >>> label(np.eye(2), np.array([[7, 1], [9, 1]])).factors
    array([[0],
           [1]])

    Raises:
        ToolkitError: the shapes do not go together, or no factor varies.
    """
    codes = as_codes(codes, rows=rows)
    factors = np.asarray(factors)
    if factors.ndim != 2 or factors.shape[0] != codes.shape[0]:
        raise ToolkitError(
            f"codes are {codes.shape} but factors {factors.shape}; both need a row per image. "
            "Pass the factors of the very images that were encoded."
        )
    if factors.dtype.kind == "f" and not (
        np.isfinite(factors).all() and (factors == np.floor(factors)).all()
    ):
        raise ToolkitError(
            "factors hold numbers that are not whole; scores need the index of each value. "
            "Number the values of every factor from 0."
        )
    numbered = [np.unique(column, return_inverse=True) for column in factors.T]
    kept = tuple(j for j, (values, _) in enumerate(numbered) if len(values) > 1)
    if not kept:
        raise ToolkitError(
            f"none of the {factors.shape[1]} factors takes more than one value on these images, "
            "so there is nothing to score. Choose images in which a factor varies."
        )
    return Labelled(
        codes=codes,
        factors=np.stack([numbered[j][1].ravel() for j in kept], axis=1).astype(np.int64),
        kept=kept,
        notes=tuple(
            f"factor {j} takes one value only and is left out"
            for j in range(factors.shape[1])
            if j not in kept
        ),
    )


def gaps(matrix: Num[Array, "d k"]) -> Num[Array, " k"]:
    """The largest entry of each column less the second largest (0 where there is one row).

    >>> gaps(np.array([[0.9, 0.2], [0.5, 0.6]]))
    array([0.4, 0.4])
    """
    if matrix.shape[0] == 1:
        matrix = np.concatenate([matrix, np.zeros_like(matrix)])
    ordered = np.sort(matrix, axis=0)
    return np.asarray(ordered[-1] - ordered[-2])
