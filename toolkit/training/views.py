"""Pairs and triplets: for each image others that differ from it in few of the known factors.

Weak supervision after Locatello et al. (2020), https://arxiv.org/abs/2002.02886; ordered triplets
after Michlo (2022). Only images that there are can be partners, so a held-out tenth of all factor
combinations stays unseen.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from toolkit.data.images import Factors, Indices
from toolkit.data.sampling import FactorRows, Span, sample_partners
from toolkit.errors import ToolkitError
from toolkit.objectives import Objective, Views
from toolkit.training.streams import numpy_stream

ROUNDS = 100  # of drawing again those whose partner is not among the images


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownFactors:
    """Factor values of training or held-out images.

    Arguments:
        values: (n, k), a row an image.
        sizes: number of values of each factor.
    """

    values: Factors
    sizes: tuple[int, ...]


class Partners:
    """Draws the other images of pairs or triplets.

    Arguments:
        views: how.
        factors: of the images, in their order.

    Raises:
        ToolkitError: as many factors as shall change do not vary.
    """

    def __init__(self, views: Views, factors: KnownFactors) -> None:
        varying = sum(size > 1 for size in factors.sizes)
        self._views = views
        self._factors = factors
        self._rows = FactorRows(factors.values, sizes=factors.sizes)
        self._positive = _span(views.least, views.most, varying - 1, varying)
        self._negative = _span(views.negative_least, views.negative_most, varying, varying)

    def of(
        self, rows: Int[Tensor, " b"], *, seed: int, step: int
    ) -> tuple[Int[Tensor, " n"], Int[Tensor, " b"]]:
        """Rows of all first images, then of all second ones, and so on; the factor that changed.

        An image without any partner among the images gives its place to another one.

        Raises:
            ToolkitError: hardly any image has a partner.
        """
        generator = numpy_stream(seed, "partners", position=step)
        chosen = rows.numpy().copy()
        others = np.full((self._views.images - 1, len(chosen)), -1)
        for _ in range(ROUNDS):
            open_ = np.flatnonzero((others < 0).any(axis=0))
            if not open_.size:
                return self._stacked(chosen, others)
            others[:, open_] = self._draw(chosen[open_], generator)
            alone = open_[(others[:, open_] < 0).any(axis=0)]
            swapped = alone[generator.random(len(alone)) < 1 / 16]
            chosen[swapped] = generator.integers(len(self._factors.values), size=len(swapped))
        raise ToolkitError(
            f"images that differ in {self._positive[0]} to {self._positive[1]} factors are too "
            "rare among these. Let more factors change, or hold out fewer combinations."
        )

    def _stacked(
        self, chosen: Indices, others: Indices
    ) -> tuple[Int[Tensor, " n"], Int[Tensor, " b"]]:
        values = self._factors.values
        differs = values[chosen] != values[others[0]]
        last = differs.shape[1] - 1 - differs[:, ::-1].argmax(axis=1)
        rows = np.concatenate([chosen, *others])
        return torch.from_numpy(rows), torch.from_numpy(last)

    def _draw(self, anchors: Indices, generator: np.random.Generator) -> Indices:
        """Rows (views - 1, b) of partners; -1 where the drawn values are of no image."""
        at = self._factors.values[anchors]
        positive = self._partners(at, self._positive, self._views.either, generator)
        found = [self._rows.find(positive, generator=generator)]
        if self._views.images == 3:
            negative = self._partners(at, self._negative, False, generator)
            found.append(self._rows.find(negative, generator=generator))
            if self._views.ordered:
                swap = self._distance(at, positive) > self._distance(at, negative)
                found = [np.where(swap, *found[::-1]), np.where(swap, *found)]
        return np.stack(found)

    def _partners(
        self, at: Factors, span: Span, either: bool, generator: np.random.Generator
    ) -> Factors:
        sizes = self._factors.sizes
        if not either:
            return sample_partners(at, sizes, changed=span, generator=generator)
        few, many = (
            sample_partners(at, sizes, changed=(number, number), generator=generator)
            for number in span
        )
        coin = generator.random(len(at)) < 1 / 2
        return np.where(coin[:, None], few, many)

    def _distance(self, one: Factors, other: Factors) -> np.ndarray:
        longest = np.maximum(np.array(self._factors.sizes) - 1, 1)
        distance: np.ndarray = (np.abs(one - other) / longest).sum(axis=1)
        return distance


def partners_for(objective: Objective, factors: KnownFactors | None) -> Partners | None:
    """Who draws the other images of a batch, for objectives that want some.

    Raises:
        ToolkitError: the factors are not known.
    """
    views = objective.views()
    if views is None:
        return None
    if factors is None:
        raise ToolkitError(
            f"{type(objective).__name__} learns from images whose factors are known, and those of "
            "this data set are not. Choose another objective, or data with factors."
        )
    return Partners(views, factors)


def _span(least: int, most: int, default: int, varying: int) -> Span:
    end = max(default, least) if most == -1 else most
    if not 1 <= least <= end <= varying:
        raise ToolkitError(
            f"{least} to {end} factors shall change between the images of a pair, but {varying} "
            "factors of this data set vary. Change `least` and `most`, or take other data."
        )
    return least, end
