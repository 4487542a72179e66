"""Images with known factors, on purpose: pairs and triplets, one factor fixed, one factor varied.

Weak supervision after Locatello et al. (2020), https://arxiv.org/abs/2002.02886, and Michlo
(2022), https://github.com/nmichlo/disent; fixed and varied factors as the beta-VAE and FactorVAE
scores need.
Factor values are rows of whole numbers; `FactorIndex` finds the images that show them.
"""

import math
from collections.abc import Sequence

import numpy as np

from toolkit.data.images import Factors, ImageSet, Indices
from toolkit.errors import ToolkitError

Span = tuple[int, int]  # from, to; both included
LARGEST_CODE, MOST_AXES = 1 << 62, 32  # up to here NumPy numbers the combinations of factor values


def sample_factors(sizes: Sequence[int], count: int, *, generator: np.random.Generator) -> Factors:
    """Factor values (count, k), uniform and independent.

    >>> sample_factors((3, 5), 4, generator=np.random.default_rng(0)).shape
    (4, 2)
    """
    return generator.integers(0, list(sizes), size=(count, len(sizes)))


def sample_fixed(
    sizes: Sequence[int], count: int, *, factor: int, generator: np.random.Generator
) -> Factors:
    """Factor values (count, k) that share one random value of `factor`; the others are free."""
    values = sample_factors(sizes, count, generator=generator)
    values[:, factor] = generator.integers(sizes[factor])
    return values


def sample_varied(sizes: Sequence[int], *, factor: int, generator: np.random.Generator) -> Factors:
    """One walk through all values of `factor` (size, k), the others at one random value each.

    >>> sample_varied((3, 1), factor=0, generator=np.random.default_rng(0)).tolist()
    [[0, 0], [1, 0], [2, 0]]
    """
    walk = sample_factors(sizes, 1, generator=generator).repeat(sizes[factor], axis=0)
    walk[:, factor] = np.arange(sizes[factor])
    return walk


def sample_partners(
    anchors: Factors,
    sizes: Sequence[int],
    *,
    changed: Span,
    radius: Span | None = None,
    generator: np.random.Generator,
) -> Factors:
    """For each row another that differs in so many factors, and in no other.

    Arguments:
        anchors: factor values (n, k).
        changed: least and most number of factors that change; drawn uniformly for each row.
        radius: least and most steps a changed factor moves; without it, to any other value.

    >>> at = np.zeros((100, 3), dtype=np.int64)
    >>> moved = sample_partners(at, (5, 5, 1), changed=(2, 2), generator=np.random.default_rng(0))
    >>> (moved != at).sum(axis=1).tolist() == [2] * 100
    True
    """
    free = np.array(sizes) > 1
    least, most = changed
    if not 0 <= least <= most <= free.sum():
        raise ToolkitError(
            f"{least} to {most} factors shall change, but {free.sum()} can: "
            f"their sizes are {tuple(sizes)}."
        )
    number = generator.integers(least, most, size=len(anchors), endpoint=True)
    keys = np.where(free, generator.random(anchors.shape), np.inf)
    chosen = keys.argsort(axis=1).argsort(axis=1) < number[:, None]
    result = anchors.copy()
    for factor in np.flatnonzero(free).tolist():
        rows, size = chosen[:, factor], sizes[factor]
        values = anchors[rows, factor]
        # To any other value
        if radius is None:
            steps = generator.integers(1, size, size=len(values))
            result[rows, factor] = (values + steps) % size
            continue
        # To a value within the radius
        near, far = radius
        if not 1 <= near <= far or near > size // 2:
            raise ToolkitError(
                f"a factor of size {size} cannot always move by {near} to {far} steps. "
                f"Set the radius to start between 1 and {size // 2} and to end no earlier."
            )
        distance = np.abs(np.arange(size) - values[:, None])
        within = (distance >= near) & (distance <= far)
        keys = np.where(within, generator.random(distance.shape), -1.0)
        result[rows, factor] = keys.argmax(axis=1)
    return result


def sample_triplets(
    anchors: Factors,
    sizes: Sequence[int],
    *,
    positive: Span,
    negative: Span,
    radius: Span | None = None,
    generator: np.random.Generator,
) -> tuple[Factors, Factors]:
    """For each anchor a positive and a negative row, the positive no farther in Manhattan steps.

    Arguments:
        positive, negative: how many factors change, as `changed` of `sample_partners`.
    """
    first, second = (
        sample_partners(anchors, sizes, changed=span, radius=radius, generator=generator)
        for span in (positive, negative)
    )
    swap = manhattan(anchors, first) > manhattan(anchors, second)
    nearer, farther = np.where(swap[:, None], (second, first), (first, second))
    return nearer, farther


def manhattan(first: Factors, second: Factors) -> Indices:
    """Steps (n,) between rows of factor values, summed over the factors.

    >>> manhattan(np.array([[0, 3]]), np.array([[2, 1]])).tolist()
    [4]
    """
    steps: Indices = np.abs(first - second).sum(axis=1)
    return steps


class FactorRows:
    """Finds rows of factor values among the images that there are.

    >>> rows = FactorRows(np.array([[1], [0]]), sizes=(3,))
    >>> rows.find(np.array([[0], [1], [2]]), generator=np.random.default_rng(0)).tolist()
    [1, 0, -1]

    Arguments:
        factors: (n, k) of the images.
        sizes: number of values of each factor.
    """

    def __init__(self, factors: Factors, *, sizes: Sequence[int]) -> None:
        self._sizes = tuple(sizes)
        codes = self._codes(factors)
        self._order = np.argsort(codes, kind="stable")
        self._sorted = codes[self._order]

    def find(self, values: Factors, *, generator: np.random.Generator) -> Indices:
        """The number (m,) of an image for each row; among several, one at random; -1: none."""
        codes = self._codes(values)
        low = np.searchsorted(self._sorted, codes, side="left")
        high = np.searchsorted(self._sorted, codes, side="right")
        chosen = generator.integers(low, np.maximum(high, low + 1))
        found = self._order[np.minimum(chosen, len(self._order) - 1)]
        return np.where(low < high, found, -1)

    def _codes(self, values: Factors) -> np.ndarray:
        """One number per row; one text of bytes where the numbers would be too large."""
        if math.prod(self._sizes) < LARGEST_CODE and len(self._sizes) <= MOST_AXES:
            return np.asarray(np.ravel_multi_index(tuple(values.T), self._sizes))
        rows = np.ascontiguousarray(values, dtype=">u8")
        return rows.view(f"S{rows.dtype.itemsize * rows.shape[1]}").ravel()


class FactorIndex:
    """Finds the images of an image set that show given factor values.

    >>> images = np.zeros((2, 1, 8, 8), dtype=np.uint8)
    >>> image_set = ImageSet(name="two", images=images, factors=np.array([[1], [0]]),
    ...                 factor_names=("side",), factor_sizes=(2,))
    >>> index = FactorIndex(image_set)
    >>> index.find(np.array([[0], [1]]), generator=np.random.default_rng(0)).tolist()
    [1, 0]
    """

    def __init__(self, image_set: ImageSet) -> None:
        if image_set.factors is None:
            raise ToolkitError(
                f"the factors of {image_set.name} are not known: no image can be chosen by them."
            )
        self._names = image_set.factor_names
        self._rows = FactorRows(image_set.factors, sizes=image_set.factor_sizes)

    def find(self, factors: Factors, *, generator: np.random.Generator) -> Indices:
        """The number (m,) of an image for each row; among several, one at random."""
        found = self._rows.find(factors, generator=generator)
        missing = np.flatnonzero(found < 0)
        if missing.size:
            row = dict(zip(self._names, factors[missing[0]].tolist(), strict=True))
            raise ToolkitError(
                f"no image has the factor values {row}. Sample from those that exist."
            )
        return found
