"""Drawing images by their factors, for the scores that intervene on one factor.

Draws name images by a number (a handle); codes are looked up or encoded afterwards, all at once.
A published protocol is a sequence of draws from a seeded stream, so the order here is theirs.
"""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int, Num

from toolkit.disentanglement.inputs import Codes, Factors, as_codes, label
from toolkit.disentanglement.record import Array
from toolkit.errors import ToolkitError

Handles = npt.NDArray[np.int64]
Random = np.random.RandomState  # the stream of the published protocols


@runtime_checkable
class Sampler(Protocol):
    """What an intervening score asks of the data.

    `sizes` lists how many values each factor has; every draw returns handles.
    """

    sizes: tuple[int, ...]

    def draw(self, count: int, random: Random) -> Handles:
        """Images at random."""
        ...

    def partners(self, images: Handles, factor: int, random: Random) -> Handles:
        """For each image another one at random with the same value of `factor`."""
        ...

    def alike(self, factor: int, count: int, random: Random) -> Handles:
        """Images at random that all have one value of `factor`."""
        ...

    def unlike(self, factor: int, count: int, random: Random) -> Handles:
        """Images that differ in `factor` at random and in nothing else."""
        ...

    def codes(self, images: Handles) -> Float[Array, "m d"]:
        """The codes of these images, one row each."""
        ...

    def factors_of(self, images: Handles) -> Int[Array, "m k"]:
        """The factor values of these images."""
        ...


def kept_of(source: Sampler) -> tuple[int, ...]:
    """Which columns of the factors a sampler draws by: rows leave out those of one value."""
    return source.kept if isinstance(source, RowSampler) else tuple(range(len(source.sizes)))


class GridSampler:
    """All combinations of factor values exist; codes come from a table or are encoded when met.

    Arguments:
        sizes: values of each factor; handles count row-major, the last factor fastest.
        encode: from factors (m, k) to codes (m, d). Each image is encoded once and remembered.
    """

    def __init__(self, sizes: tuple[int, ...], encode: Callable[[Array], Array] | None) -> None:
        if len(sizes) == 0 or min(sizes) < 1:
            raise ToolkitError(
                f"a grid of the sizes {sizes} has no images. Give each factor 1 or more values."
            )
        self.sizes = sizes
        self._encode = encode
        self._strides = np.append(np.cumprod(sizes[:0:-1])[::-1], 1).astype(np.int64)
        self._known = np.zeros(int(np.prod(sizes)), dtype=bool)
        self._table: Array | None = None

    @classmethod
    def of_table(cls, table: Num[Array, "n d"], *, sizes: tuple[int, ...]) -> "GridSampler":
        """A grid whose codes are known already, rows in row-major order of the factors."""
        table = as_codes(table, rows=1)
        if len(table) != int(np.prod(sizes)):
            raise ToolkitError(
                f"a table of {len(table)} rows is no grid of the sizes {sizes}, which has "
                f"{int(np.prod(sizes))}. Encode every combination, the last factor fastest."
            )
        sampler = cls(sizes, None)
        sampler._table = table.astype(np.float64)
        sampler._known[:] = True
        return sampler

    def draw(self, count: int, random: Random) -> Handles:
        """Images at random."""
        images = np.zeros(count, dtype=np.int64)
        for size, stride in zip(self.sizes, self._strides, strict=True):  # the published order
            images += random.randint(size, size=count) * stride
        return images

    def partners(self, images: Handles, factor: int, random: Random) -> Handles:
        """For each image another one at random with the same value of `factor`."""
        drawn = self.draw(len(images), random)
        return drawn - self._part(drawn, factor) + self._part(images, factor)

    def alike(self, factor: int, count: int, random: Random) -> Handles:
        """Images at random that all have one value of `factor`."""
        drawn = self.draw(count, random)
        return drawn - self._part(drawn, factor) + self._part(drawn[:1], factor)

    def unlike(self, factor: int, count: int, random: Random) -> Handles:
        """Images that differ in `factor` at random and in nothing else."""
        drawn = self.draw(count, random)
        first = drawn[:1]
        return first - self._part(first, factor) + self._part(drawn, factor)

    def codes(self, images: Handles) -> Float[Array, "m d"]:
        """The codes of these images, one row each; new images are encoded."""
        if self._encode is not None:
            wanted = np.unique(images)
            new = wanted[~self._known[wanted]]
            if len(new):
                codes = as_codes(self._encode(self.factors_of(new)), rows=1).astype(np.float64)
                if self._table is None:
                    self._table = np.zeros((len(self._known), codes.shape[1]))
                self._table[new] = codes
                self._known[new] = True
        return np.asarray(self._table)[images]

    def factors_of(self, images: Handles) -> Int[Array, "m k"]:
        """The factor values of these images."""
        return np.asarray(images[:, None] // self._strides % np.array(self.sizes))

    def _part(self, images: Handles, factor: int) -> Handles:
        """What one factor adds to the handle."""
        stride = self._strides[factor]
        return np.asarray(images // stride % self.sizes[factor] * stride)

    def handles(self, factors: Int[Array, "*m k"]) -> Handles:
        """The images with these factor values."""
        return np.asarray(factors @ self._strides, dtype=np.int64)


class RowSampler:
    """Only these rows exist; values of a factor are shared by drawing among rows that have them.

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values; factors of one value are left out.
    """

    def __init__(self, codes: Codes, factors: Factors) -> None:
        data = label(codes, factors)
        self.sizes = data.sizes
        self.kept = data.kept
        self._codes = data.codes.astype(np.float64)
        self._factors = data.factors
        self._order = [np.argsort(column, kind="stable") for column in data.factors.T]
        self._count = [np.bincount(column) for column in data.factors.T]

    def draw(self, count: int, random: Random) -> Handles:
        """Images at random."""
        return np.asarray(random.randint(len(self._codes), size=count))

    def partners(self, images: Handles, factor: int, random: Random) -> Handles:
        """For each image another one at random with the same value of `factor`."""
        value = self._factors[images, factor]
        count = self._count[factor]
        first = np.cumsum(count) - count
        return np.asarray(self._order[factor][first[value] + random.randint(count[value])])

    def alike(self, factor: int, count: int, random: Random) -> Handles:
        """Images at random that all have one value of `factor`."""
        return self.partners(np.repeat(self.draw(1, random), count), factor, random)

    def unlike(self, factor: int, count: int, random: Random) -> Handles:
        """Refused: rows drawn at random seldom differ in one factor only."""
        del factor, count, random
        raise ToolkitError(
            "this score varies one factor with all others fixed, which loose rows do not offer. "
            "Pass a `sampler` over the whole grid of factors."
        )

    def codes(self, images: Handles) -> Float[Array, "m d"]:
        """The codes of these images, one row each."""
        return np.asarray(self._codes[images])

    def factors_of(self, images: Handles) -> Int[Array, "m k"]:
        """The factor values of these images."""
        return np.asarray(self._factors[images])
