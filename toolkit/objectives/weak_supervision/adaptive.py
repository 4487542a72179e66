"""Adaptive triplets: the difference from the negative counts less where it is shared.

Michlo, Klein & James (IJCAI 2023), https://arxiv.org/abs/2202.13341.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.objectives.objective import Terms, Weights
from toolkit.objectives.schedules import Share
from toolkit.objectives.weak_supervision.sharing import (
    Posterior,
    Threshold,
    difference,
    shared_channels,
)
from toolkit.objectives.weak_supervision.triplets import Norm, TripletObjective


@dataclass(frozen=True, kw_only=True)
class AdaptiveTriplets(TripletObjective):
    """The difference from the negative is scaled down in the channels that it shares."""

    share_scale: Share = 0.95
    ratio: Share = 0.5
    threshold: Threshold = "dist"
    norm: Norm = 1

    def _costs(
        self, anchor: Posterior, positive: Posterior, negative: Posterior, weights: Weights
    ) -> Terms:
        """`triplet`: loss of each; `shared`: share of channels, 0 to 1."""
        far, shared = adaptive_difference(
            anchor,
            negative,
            by=self.threshold,
            ratio=weights["ratio"],
            share_scale=weights["share_scale"],
        )
        return {
            "triplet": self._cost(anchor.mean - positive.mean, far, weights),
            "shared": shared,
        }


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
    differences = anchor.mean - negative.mean
    scaled = torch.where(shared, share_scale * differences, differences)
    return scaled, shared.to(differences.dtype).mean(dim=1)
