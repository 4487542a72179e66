"""How the numbers of an array become pixels, decided by looking at all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from toolkit.data.readers.formats.levels import (
    SIXTEEN_BITS,
    Range,
    check_range,
    refuse_dim,
    to_bytes,
)
from toolkit.errors import ToolkitError

BYTE, UNIT = 255, 1


@dataclass(frozen=True, kw_only=True)
class Tones:
    """What makes bytes of values, and a sentence where that is no matter of course.

    Arguments:
        convert: from values of any shape to uint8 of that shape.
        notes: what was decided.
    """

    convert: Callable[[np.ndarray], np.ndarray]
    notes: tuple[str, ...] = ()


def tones_of(
    blocks: Iterable[np.ndarray], dtype: np.dtype, *, value_range: Range | None, what: str
) -> Tones:
    """How values of an array become bytes.

    Bool is black and white; whole numbers 0 to 255 are bytes, unless they are 0 and 1 throughout,
    which is black and white; other 16-bit numbers run from 0 to 65535; fractions from 0 to 1.

    Arguments:
        blocks: all values, some at a time; read as far as needed.
        dtype: of the values.
        value_range: black and white as declared.
        what: whose values they are, for sentences.

    Raises:
        ToolkitError: black and white are not known, or a value is not a finite number.
    """
    check_range(value_range)
    if dtype == np.bool_:
        return Tones(convert=lambda rows: rows * np.uint8(BYTE))
    if not (np.issubdtype(dtype, np.integer) or np.issubdtype(dtype, np.floating)):
        raise ToolkitError(f"{what} is {dtype}, not an array of numbers. Save plain numbers.")
    if value_range is not None:
        declared = value_range
        return Tones(convert=lambda rows: to_bytes(rows, declared, what=what))
    # Least and greatest value; of bytes only as far as they are seen to be bytes
    low, high = np.inf, -np.inf
    for rows in blocks:
        if not rows.size:
            continue
        if not np.isfinite(rows).all():
            raise ToolkitError(
                f"{what} holds numbers that are not finite. Replace them before saving."
            )
        low, high = min(low, float(rows.min())), max(high, float(rows.max()))
        if dtype == np.uint8 and high > UNIT:
            break
    # Fractions
    if np.issubdtype(dtype, np.floating):
        if low >= 0 and high <= UNIT:
            return Tones(convert=lambda rows: to_bytes(rows, (0.0, 1.0), what=what))
        raise ToolkitError(
            f"{what} holds fractions from {low:g} to {high:g}, and does not say which are black "
            "and white. Set `value_range: [black, white]`."
        )
    # Whole numbers
    if low >= 0 and high <= UNIT:
        return Tones(
            convert=lambda rows: rows.astype(np.uint8) * np.uint8(BYTE),
            notes=("all values are 0 or 1, taken as black and white",),
        )
    if low >= 0 and high <= BYTE:
        return Tones(convert=lambda rows: rows.astype(np.uint8, copy=False))
    if dtype == np.uint16:
        refuse_dim(int(high), what=what)
        return Tones(convert=lambda rows: to_bytes(rows, SIXTEEN_BITS, what=what))
    raise ToolkitError(
        f"{what} holds whole numbers from {low:g} to {high:g}, and does not say which are black "
        "and white. Set `value_range: [black, white]`."
    )
