"""A grid of known factors, and the images that a rule makes of it: computed when asked for.

Images are numbered row-major over the factors: the last factor changes fastest.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toolkit.data.images import BLOCK, Factors, Images, ImageSet, Indices, allocate
from toolkit.data.selection import Selection
from toolkit.errors import ToolkitError

WHOLE = Selection()


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Every combination of some factors, none of them drawn yet.

    Arguments:
        factors: names and sizes, in order.
        image_shape: channels, height, width.
        render: from factor values (m, k) to images (m, c, h, w), uint8.

    >>> def draw(factors):
    ...     return (factors @ [10, 1]).astype(np.uint8).reshape(-1, 1, 1, 1)
    >>> counts = Grid(factors=(("tens", 3), ("ones", 10)), image_shape=(1, 1, 1), render=draw)
    >>> len(counts), counts.factors_at(np.array([27])), counts.images_at(np.array([27])).item()
    (30, array([[2, 7]]), 27)
    """

    factors: tuple[tuple[str, int], ...]
    image_shape: tuple[int, int, int]
    render: Callable[[Factors], Images]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each factor has."""
        return tuple(size for _, size in self.factors)

    def __len__(self) -> int:
        return math.prod(self.sizes)

    def factors_at(self, indices: Indices) -> Factors:
        """Factor values (m, k) of the images with these numbers."""
        if indices.size and not 0 <= indices.min() <= indices.max() < len(self):
            raise ToolkitError(
                f"images {indices.min()} to {indices.max()} were asked of a grid of {len(self)}; "
                f"they are numbered 0 to {len(self) - 1}."
            )
        factors: Factors = np.stack(np.unravel_index(indices, self.sizes), axis=1)
        return factors

    def index_of(self, factors: Factors) -> Indices:
        """The number of the image of each row of factor values."""
        index: Indices = np.ravel_multi_index(tuple(factors.T), self.sizes)
        return index

    def images_at(self, indices: Indices) -> Images:
        """Images (m, c, h, w) with these numbers, drawn now, block by block."""
        result = allocate((len(indices), *self.image_shape))
        for start in range(0, len(indices), BLOCK):
            factors = self.factors_at(indices[start : start + BLOCK])
            result[start : start + BLOCK] = self.render(factors)
        return result

    def image_set(self, name: str, *, selection: Selection = WHOLE) -> ImageSet:
        """The grid or a part of it, drawn; in a file where that is too much for memory."""
        chosen = selection.indices(len(self))
        return ImageSet(
            name=name,
            images=self.images_at(chosen),
            factors=self.factors_at(chosen),
            factor_names=tuple(name for name, _ in self.factors),
            factor_sizes=self.sizes,
        )


def load_grid(root: Path, options: Selection, *, name: str, grid: Callable[..., Grid]) -> ImageSet:
    """The images of a computed data set that `options` select; nothing is read.

    Arguments:
        root: where publishers' files would lie; not looked at.
        options: of the data set, with which images to take.
        name: how the set is called in `DATASETS`.
        grid: from `options` to the grid of all its images.
    """
    del root
    return grid(options).image_set(name, selection=options)
