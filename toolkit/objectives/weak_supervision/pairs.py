"""Pairs of images that differ in few factors: the codes of the other channels are shared."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from jaxtyping import Bool, Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives.objective import Objective, Sampling
from toolkit.objectives.weak_supervision.sharing import (
    Average,
    Posterior,
    Threshold,
    difference,
    share,
    shared_channels,
)

Ratio = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, kw_only=True)
class PairObjective(Objective):
    """Both images of a pair have the average of their posteriors in the channels they share."""

    def share_posteriors(
        self,
        mean: Float[Tensor, "n d"],
        log_variance: Float[Tensor, "n d"],
        *,
        changed: Int[Tensor, " pairs"] | None,
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n d"]]:
        """Posteriors of all first and all second images, averaged in the channels they share."""
        first, second = (
            Posterior(*half) for half in zip(mean.chunk(2), log_variance.chunk(2), strict=True)
        )
        shared = self.shared(first, second, changed)
        new_first, new_second = share(first, second, shared, average=self.average())
        return (
            torch.cat([new_first.mean, new_second.mean]),
            torch.cat([new_first.log_variance, new_second.log_variance]),
        )

    @abstractmethod
    def average(self) -> Average:
        """What two posteriors become in a channel that they share."""
        ...

    @abstractmethod
    def shared(
        self, first: Posterior, second: Posterior, changed: Int[Tensor, " pairs"] | None
    ) -> Bool[Tensor, "pairs d"]:
        """Which channels the images of each pair share.

        Arguments:
            first: posteriors of the first images.
            second: posteriors of the second images.
            changed: the factor in which the images of each pair differ, where it is known.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class AdaptivePairs(PairObjective):
    """Shares the channels in which two posteriors differ least."""

    threshold: Threshold = "kl"
    ratio: Ratio = 0.5
    least: Annotated[int, Ge(1)] = 1
    most: Annotated[int, Ge(-1)] = -1

    def sampling(self) -> Sampling:
        """Pairs that differ in `least` to `most` factors."""
        return Sampling(images=2, least=self.least, most=self.most)

    def shared(
        self, first: Posterior, second: Posterior, changed: Int[Tensor, " pairs"] | None
    ) -> Bool[Tensor, "pairs d"]:
        """Those whose difference is below the threshold."""
        del changed
        return shared_channels(difference(first, second, by=self.threshold), ratio=self.ratio)


@dataclass(frozen=True, kw_only=True)
class LabelledPairs(PairObjective):
    """Channel k stands for factor k: all channels are shared but that of the factor that changed.

    The two images of a pair differ in exactly one factor.
    """

    def sampling(self) -> Sampling:
        """Pairs that differ in one factor; every factor has its channel."""
        return Sampling(images=2, least=1, most=1, labelled=True)

    def shared(
        self, first: Posterior, second: Posterior, changed: Int[Tensor, " pairs"] | None
    ) -> Bool[Tensor, "pairs d"]:
        """All but that of the factor that changed.

        Raises:
            ToolkitError: `changed` is None.
        """
        del second
        if changed is None:
            raise ToolkitError(
                f"{type(self).__name__} needs the factor in which the images of each pair differ. "
                "Pass `changed`."
            )
        return changed[:, None] != torch.arange(first.mean.shape[1], device=first.mean.device)
