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
from toolkit.objectives.weak_supervision.triplets import Norm


@dataclass(frozen=True, kw_only=True)
class AdaptiveDifference:
    """The difference from the negative counts less where it is shared; beside a `TripletObjective`.

    Arguments:
        share_scale: what is left of the difference in a shared channel, 0 to 1.
        ratio: where between the least and the greatest difference of a triplet's channels the
            threshold lies, 0 (nothing is shared) to 1.
        threshold: what the difference is: "kl", "symmetric_kl" or "dist".
        norm: 1 or 2, of the differences of codes.
    """

    share_scale: Share = 0.95
    ratio: Share = 0.5
    threshold: Threshold = "dist"
    norm: Norm = 1

    def negative_difference(
        self, anchor: Posterior, negative: Posterior, weights: Weights
    ) -> tuple[Float[Tensor, "n d"], Terms]:
        """Anchor minus negative, scaled; `shared`: share of channels, 0 to 1."""
        far, shared = adaptive_difference(
            anchor,
            negative,
            by=self.threshold,
            ratio=weights["ratio"],
            share_scale=weights["share_scale"],
        )
        return far, {"shared": shared}


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
