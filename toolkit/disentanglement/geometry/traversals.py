"""Traversals: all images that differ in one factor and in nothing else.

Michlo, Klein & James (2022), https://arxiv.org/abs/2202.13341
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Num

from toolkit.disentanglement.inputs import Codes, Factors, Labelled, label
from toolkit.disentanglement.record import Array
from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Codes of a whole grid of factors, found by their factors.

    Arguments:
        data: the codes and varying factors, in the order given.
        row: as many axes as factors; which row has these values.
    """

    data: Labelled
    row: npt.NDArray[np.int64]

    def along(self, factor: int, values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Rows of the traversals of `factor` through points (m, k): (m, size of the factor)."""
        size = self.row.shape[factor]
        points = np.repeat(values[:, None, :], size, axis=1)
        points[:, :, factor] = np.arange(size)
        return np.asarray(self.row[tuple(np.moveaxis(points, 2, 0))])

    def draw(
        self, factor: int, count: int, generator: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Rows of `count` traversals of `factor` at random, (count, size of the factor)."""
        points = [generator.integers(size, size=count) for size in self.row.shape]
        return self.along(factor, np.stack(points, axis=1))


def whole_grid(codes: Codes, factors: Factors) -> Grid:
    """Find the row of every combination of factor values.

    >>> whole_grid(np.zeros((2, 1)), np.array([[1], [0]])).row
    array([1, 0])

    Raises:
        ToolkitError: a combination is missing.
    """
    data = label(codes, factors)
    row = np.full(data.sizes, -1, dtype=np.int64)
    row[tuple(data.factors.T)] = np.arange(len(data.codes))
    missing = int((row < 0).sum())
    if missing:
        raise ToolkitError(
            f"{missing} of {row.size} combinations of factor values are not among the images; "
            "scores of geometry follow each factor with all others fixed. Encode the whole grid."
        )
    return Grid(data=data, row=row)


def arithmetic_and_geometric(values: Num[Array, " k"]) -> dict[str, float]:
    """The mean over factors; and the geometric one where it exists.

    >>> arithmetic_and_geometric(np.array([0.25, 1.0]))
    {'mean': 0.625, 'geometric': 0.5}
    >>> arithmetic_and_geometric(np.array([-0.5, 1.0]))
    {'mean': 0.25}
    """
    answer = {"mean": float(values.mean())}
    if (values >= 0).all():
        answer["geometric"] = float(np.prod(values) ** (1 / len(values)))
    return answer
