"""What the losses of triplets have in common, whatever the code: how they are drawn, their cost."""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le
from jaxtyping import Float
from torch import Tensor

from toolkit.objectives.groups.sharing import Posterior, Threshold, difference, shared_channels
from toolkit.objectives.groups.triplets import Form, Norm, triplet_loss
from toolkit.objectives.objective import Answer, Objective, Terms, Views, Weights
from toolkit.objectives.schedules import Schedule, Weight

Share = Annotated[float, Ge(0), Le(1)] | Schedule


@dataclass(frozen=True, kw_only=True)
class TripletObjective(Objective):
    """Anchor, positive and negative; the positive no farther by the factors."""

    scale: Weight = 100.0
    form: Form = "margin"
    norm: Norm = 2
    margin: Annotated[float, Gt(0)] = 10.0
    margin_least: Annotated[float, Ge(0)] = 0.1
    least: Annotated[int, Ge(1)] = 1
    most: Annotated[int, Ge(-1)] = -1
    negative_least: Annotated[int, Ge(1)] = 1
    negative_most: Annotated[int, Ge(-1)] = -1

    def views(self) -> Views:
        """Anchor, positive and negative; the positive no farther by the factors."""
        return Views(
            images=3,
            least=self.least,
            most=self.most,
            negative_least=self.negative_least,
            negative_most=self.negative_most,
        )

    def triplets(self, answer: Answer, weights: Weights) -> Terms:
        """`triplet`: what the triplet costs that an image is in."""
        anchor, positive, negative = answer.mean.chunk(3)
        return {"triplet": self._cost(anchor - positive, anchor - negative, weights).repeat(3)}

    def _cost(
        self, near: Float[Tensor, "n d"], far: Float[Tensor, "n d"], weights: Weights
    ) -> Float[Tensor, " n"]:
        return triplet_loss(
            near,
            far,
            form=self.form,
            norm=self.norm,
            margin=weights["margin"],
            margin_least=weights["margin_least"],
        )


@dataclass(frozen=True, kw_only=True)
class AdaptiveTriplets(TripletObjective):
    """The difference from the negative is scaled down in the channels that it shares."""

    share_scale: Share = 0.95
    ratio: Share = 0.5
    threshold: Threshold = "dist"
    norm: Norm = 1

    def triplets(self, answer: Answer, weights: Weights) -> Terms:
        """`triplet`, and `shared`: share of channels, 0 to 1."""
        anchor, positive, negative = (
            Posterior(mean, log_variance)
            for mean, log_variance in zip(
                answer.mean.chunk(3), answer.log_variance.chunk(3), strict=True
            )
        )
        far, shared = adaptive_difference(
            anchor,
            negative,
            by=self.threshold,
            ratio=weights["ratio"],
            share_scale=weights["share_scale"],
        )
        cost = self._cost(anchor.mean - positive.mean, far, weights)
        return {"triplet": cost.repeat(3), "shared": shared.repeat(3)}


def adaptive_difference(
    anchor: Posterior,
    negative: Posterior,
    *,
    by: Threshold,
    ratio: float | Tensor,
    share_scale: float | Tensor,
) -> tuple[Float[Tensor, "n d"], Float[Tensor, " n"]]:
    """Anchor minus negative, scaled down in the channels they share; share of these, 0 to 1.

    >>> anchor = Posterior(torch.tensor([[1.0, 5.0]]), torch.zeros(1, 2))
    >>> origin = Posterior(torch.zeros(1, 2), torch.zeros(1, 2))
    >>> adaptive_difference(anchor, origin, by="dist", ratio=0.5, share_scale=0.5)
    (tensor([[0.5000, 5.0000]]), tensor([0.5000]))

    Arguments:
        by: what the difference of posteriors is that the threshold is applied to.
        ratio: where between the least and the greatest one the threshold lies.
        share_scale: factor of the shared channels.
    """
    shared = shared_channels(difference(anchor, negative, by=by), ratio=ratio)
    apart = anchor.mean - negative.mean
    return torch.where(shared, share_scale * apart, apart), shared.to(apart.dtype).mean(dim=1)
