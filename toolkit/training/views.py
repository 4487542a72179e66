"""Pairs and triplets: for each image others that differ from it in few of the known factors.

Weak supervision after Locatello et al. (2020), https://arxiv.org/abs/2002.02886; ordered triplets
after Michlo (2022). Only images that there are can be partners, so a held-out tenth of all factor
combinations stays unseen.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

from toolkit.data.images import Factors, ImageSet, Indices
from toolkit.data.sampling import FactorRows, Span, sample_partners
from toolkit.errors import ToolkitError
from toolkit.objectives import Objective, Sampling
from toolkit.training.streams import numpy_stream

Bools = NDArray[np.bool_]
TRIES = (2, 8, 32)  # draws for each image that has no partner yet, before all are looked through
ALONE = 1000  # images in a row that no other can be the partner of


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownFactors:
    """Factor values of training or held-out images.

    Arguments:
        values: (n, k), a row an image.
        sizes: number of values of each factor.
    """

    values: Factors
    sizes: tuple[int, ...]


def factors_of(images: ImageSet, rows: Indices) -> KnownFactors | None:
    """The factors of some images of a data set; None where none are known.

    >>> blank = ImageSet(name="blank", images=np.zeros((2, 1, 8, 8), dtype=np.uint8),
    ...                  factors=np.array([[4], [1]]), factor_names=("side",), factor_sizes=(5,))
    >>> factors_of(blank, np.array([1])).values.tolist()
    [[1]]
    """
    if images.factors is None:
        return None
    return KnownFactors(values=images.factors[rows], sizes=tuple(images.factor_sizes))


class _Wanted(NamedTuple):
    """In how many factors a partner differs: least to most, or in one of both numbers."""

    least: int
    most: int
    either: bool

    def holds(self, differing: Indices) -> Bools:
        """Which of these numbers are such."""
        if self.either:
            return np.isin(differing, (self.least, self.most))
        return np.logical_and(differing >= self.least, differing <= self.most)


class Partners:
    """Draws the other images of pairs or triplets.

    Arguments:
        views: how.
        factors: of the images, in their order.

    Raises:
        ToolkitError: fewer factors vary than shall change, or hardly any image has a partner.
    """

    def __init__(self, views: Sampling, factors: KnownFactors) -> None:
        varying = sum(size > 1 for size in factors.sizes)
        self._views = views
        self._factors = factors
        self._rows = FactorRows(factors.values, sizes=factors.sizes)
        positive = _span(views.least, views.most, varying - 1, varying)
        self._wanted = [_Wanted(*positive, either=views.either)]
        if views.images == 3:
            negative = _span(views.negative_least, views.negative_most, varying, varying)
            self._wanted.append(_Wanted(*negative, either=False))
        self._search(0, numpy_stream(0, "partners", position=0))

    def of(
        self, rows: Int[Tensor, " b"], *, seed: int, step: int
    ) -> tuple[Int[Tensor, " n"], Int[Tensor, " b"]]:
        """Rows of all first images, then of all second ones, and so on; the factor that changed.

        How many factors differ is uniform as far as there are such images. An image that no other
        can be the partner of gives its place to another one.
        """
        generator = numpy_stream(seed, "partners", position=step)
        chosen = rows.numpy().copy()
        others = np.stack([self._drawn(chosen, wanted, generator) for wanted in self._wanted])
        for column in np.flatnonzero((others < 0).any(axis=0)).tolist():
            chosen[column], others[:, column] = self._search(int(chosen[column]), generator)
        values = self._factors.values
        # The nearer image first
        if self._views.ordered and len(others) > 1:
            longest = np.maximum(np.array(self._factors.sizes) - 1, 1)
            nearer, farther = (
                (np.abs(values[chosen] - values[partners]) / longest).sum(axis=1)
                for partners in others
            )
            others = np.where(nearer > farther, others[::-1], others)
        # The last factor that changed
        differs = values[chosen] != values[others[0]]
        last = differs.shape[1] - 1 - differs[:, ::-1].argmax(axis=1)
        return torch.from_numpy(np.concatenate([chosen, *others])), torch.from_numpy(last)

    def _drawn(self, anchors: Indices, wanted: _Wanted, generator: np.random.Generator) -> Indices:
        """Rows (b,) of partners; -1 where none of a few dozen drawn values is of an image."""
        sizes, span = self._factors.sizes, (wanted.least, wanted.most)
        found, open_ = np.full(len(anchors), -1), np.arange(len(anchors))
        for tries in TRIES:
            at = self._factors.values[anchors[open_].repeat(tries)]
            if wanted.either:
                few, many = (
                    sample_partners(at, sizes, changed=(number, number), generator=generator)
                    for number in span
                )
                coin = generator.random(len(at)) < 1 / 2
                values = np.where(coin[:, None], few, many)
            else:
                values = sample_partners(at, sizes, changed=span, generator=generator)
            drawn = self._rows.find(values, generator=generator)
            drawn = drawn.reshape(-1, tries)
            found[open_] = drawn[np.arange(len(open_)), (drawn >= 0).argmax(axis=1)]
            open_ = open_[found[open_] < 0]
            if not open_.size:
                break
        return found

    def _search(self, anchor: int, generator: np.random.Generator) -> tuple[int, Indices]:
        """An image and its partners, by looking at all images: the anchor, or another one."""
        values = self._factors.values
        for _ in range(ALONE):
            differing = (values != values[anchor]).sum(axis=1)
            fit = [np.flatnonzero(wanted.holds(differing)) for wanted in self._wanted]
            if all(len(rows) for rows in fit):
                return anchor, np.array([generator.choice(rows) for rows in fit])
            anchor = int(generator.integers(len(values)))
        least, most = self._wanted[0].least, self._wanted[0].most
        raise ToolkitError(
            f"images that differ in {least} to {most} factors are too rare among these "
            f"{len(values)}. Let more factors change, or hold out other combinations."
        )


def partners_for(
    objective: Objective, factors: KnownFactors | None, *, latents: int
) -> Partners | None:
    """Who draws the other images of a batch, for objectives that want some.

    Arguments:
        objective: says how.
        factors: of the images.
        latents: number of channels.

    Raises:
        ToolkitError: the factors are not known; an objective that ties channels to factors finds
            fewer of them.
    """
    views = objective.sampling()
    if views is None:
        return None
    if factors is None:
        raise ToolkitError(
            f"{type(objective).__name__} learns from images whose factors are known, and those of "
            "this data set are not. Choose another objective, or data with factors."
        )
    if views.labelled and latents < len(factors.sizes):
        raise ToolkitError(
            f"{type(objective).__name__} needs a channel for each of the {len(factors.sizes)} "
            f"factors, and the network has {latents}. Set `latents` to {len(factors.sizes)} or "
            "more."
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
