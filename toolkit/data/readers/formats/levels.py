"""Values of any type as bytes: what black and white are is known, declared, or asked for."""

import numpy as np
from jaxtyping import UInt8

from toolkit.errors import ToolkitError

Range = tuple[float, float]  # what is black, what is white
SIXTEEN_BITS: Range = (0.0, 65535.0)
DIM = 1 << 14  # 16-bit values that stay below this were measured with 14 bits or fewer


def to_bytes(values: np.ndarray, value_range: Range, *, what: str) -> UInt8[np.ndarray, "*shape"]:
    """Values as 0 (black) to 255 (white), rounded; nothing is clipped.

    >>> to_bytes(np.array([0.0, 0.5, 1.0]), (0.0, 1.0), what="x").tolist()
    [0, 128, 255]

    Arguments:
        values: numbers of any type.
        value_range: the values of black and of white.
        what: whose values they are, for the sentence.

    Raises:
        ToolkitError: a value is not a number or lies outside the range.
    """
    black, white = value_range
    low, high = (float(values.min()), float(values.max())) if values.size else (black, black)
    if not black <= low <= high <= white:  # also where a value is NaN
        raise ToolkitError(
            f"{what} holds values from {low:g} to {high:g}, outside the range {black:g} to "
            f"{white:g}. Set `value_range: [black, white]` to values that hold them all."
        )
    scale = 255 / (white - black)
    return np.rint((values.astype(np.float64) - black) * scale).astype(np.uint8)


def check_range(value_range: Range | None) -> None:
    """Refuse a range whose white is not above its black.

    Raises:
        ToolkitError: it is not.
    """
    if value_range is not None and not value_range[0] < value_range[1]:
        raise ToolkitError(
            f"`value_range` is [{value_range[0]:g}, {value_range[1]:g}]; "
            "the second value (white) must be above the first (black)."
        )


def refuse_dim(highest: int, *, what: str) -> None:
    """Refuse 16-bit values that use a small part of their range: their white is not known.

    Raises:
        ToolkitError: `highest`, the highest of all of them, is below 16384.
    """
    if highest < DIM:
        white = (1 << max(highest.bit_length(), 8)) - 1  # the largest number of as many bits
        raise ToolkitError(
            f"{what} has 16 bits per pixel but no value above {highest} of 65535, as when a camera "
            f"with fewer bits wrote it. Set `value_range: [0, {white}]` if that is black "
            "and white, or `value_range: [0, 65535]` to take it as it is."
        )
