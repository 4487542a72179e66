"""Traversals: all images that differ in one factor and in nothing else.

Michlo, Klein & James (2022), https://arxiv.org/abs/2202.13341
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge
from jaxtyping import Num

from toolkit.disentanglement.inputs import Codes, Factors, label
from toolkit.disentanglement.record import Array
from toolkit.disentanglement.sampler import GridSampler, Handles, Sampler
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True)
class TraversalSettings(ScoreSettings):
    """Settings of scores that follow traversals.

    Arguments:
        traversals: how many of each factor.
    """

    traversals: Annotated[int, Ge(1)] = 1024


TRAVERSALS = TraversalSettings()


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A whole grid of factors, walked along one factor at a time.

    Arguments:
        source: knows the code of every combination of factor values.
        kept: columns of the factors, of those that vary.
        row: the given row of each handle; None where handles are rows.
    """

    source: GridSampler
    kept: tuple[int, ...]
    row: Handles | None

    def along(self, factor: int, images: Handles) -> Handles:
        """The traversals of `factor` through these images, (m, size of the factor)."""
        size = self.source.sizes[factor]
        values = np.repeat(self.source.factors_of(images)[:, None], size, axis=1)
        values[:, :, factor] = np.arange(size)
        return self.source.handles(values)

    def draw(self, factor: int, count: int, generator: np.random.Generator) -> Handles:
        """`count` traversals of `factor` at random, (count, size of the factor)."""
        through = generator.integers(int(np.prod(self.source.sizes)), size=count)
        return self.along(factor, through)

    def rows(self, images: Handles) -> Handles:
        """Where these images stand in what was given."""
        return images if self.row is None else np.asarray(self.row[images])


def whole_grid(codes: Codes, factors: Factors, *, sampler: Sampler | None = None) -> Grid:
    """The grid of a sampler, or of codes and factors in which every combination occurs.

    >>> whole_grid(np.zeros((2, 1)), np.array([[1], [0]])).row
    array([1, 0])

    Raises:
        ToolkitError: a combination is missing.
    """
    if isinstance(sampler, GridSampler):
        kept = tuple(k for k, size in enumerate(sampler.sizes) if size > 1)
        return Grid(source=sampler, kept=kept, row=None)
    data = label(codes, factors)
    row = np.full(data.sizes, -1, dtype=np.int64)
    row[tuple(data.factors.T)] = np.arange(len(data.codes))
    missing = int((row < 0).sum())
    if missing:
        raise ToolkitError(
            f"{missing} of {row.size} combinations of factor values are not among the images; "
            "scores of geometry follow each factor with all others fixed. Encode the whole grid, "
            "or pass a sampler over it."
        )
    row = row.ravel()
    source = GridSampler.of_table(data.codes[row].astype(np.float64), sizes=data.sizes)
    return Grid(source=source, kept=data.kept, row=row)


def varying(grid: Grid) -> list[int]:
    """Positions of the factors that vary, in the grid's own numbering."""
    return [k for k, size in enumerate(grid.source.sizes) if size > 1]


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
