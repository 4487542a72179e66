"""One look at a data set that was made: what a person would check before training on it."""

import hashlib
from dataclasses import dataclass

import numpy as np

from toolkit.data.images import BLOCK, ImageSet
from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a look at all images found.

    Arguments:
        images: how many there are.
        shape: colours, height, width.
        low, high: least and greatest value of all pixels, 0 to 255.
        distinct: how many images differ from one another.
        factors: names and numbers of values, as the set has them.
        notes: what reading left out or changed.
    """

    images: int
    shape: tuple[int, int, int]
    low: int
    high: int
    distinct: int
    factors: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        colours, height, width = self.shape
        alike = "all distinct" if self.distinct == self.images else f"{self.distinct:,} distinct"
        lines = [
            f"{self.images:,} images of {height} × {width} × {colours}, {alike}, "
            f"values {self.low} to {self.high}"
        ]
        if self.factors:
            lines.append("factors " + ", ".join(f"{name} {size}" for name, size in self.factors))
        return "\n".join([*lines, *self.notes])


def summarise(image_set: ImageSet) -> Summary:
    """Look at all images of a set once.

    >>> images = np.zeros((3, 1, 8, 8), dtype=np.uint8)
    >>> images[1:] = 255
    >>> print(summarise(ImageSet(name="three", images=images)))
    3 images of 8 × 8 × 1, 2 distinct, values 0 to 255

    Raises:
        ToolkitError: all images are the same, so there is nothing to learn.
    """
    low, high, seen = 255, 0, set[bytes]()
    for start in range(0, len(image_set), BLOCK):
        block = np.ascontiguousarray(image_set.images[start : start + BLOCK])
        low, high = min(low, int(block.min())), max(high, int(block.max()))
        seen |= {hashlib.blake2b(image.data, digest_size=16).digest() for image in block}
    if len(seen) == 1 and len(image_set) > 1:
        value = f", every pixel {low}" if low == high else ""
        raise ToolkitError(
            f"all {len(image_set)} images of {image_set.name} are the same{value}, so there is "
            "nothing to learn from them. Look at the files, and at the options of the data set."
        )
    return Summary(
        images=len(image_set),
        shape=image_set.image_shape,
        low=low,
        high=high,
        distinct=len(seen),
        factors=tuple(zip(image_set.factor_names, image_set.factor_sizes, strict=True)),
        notes=image_set.notes,
    )
