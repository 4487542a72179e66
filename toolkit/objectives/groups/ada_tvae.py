"""Adaptive triplet VAE: where an anchor and its negative are alike, they pull less.

Michlo, Klein & James, "Overlooked implications of the reconstruction loss for VAE disentanglement"
(IJCAI 2023), https://arxiv.org/abs/2202.13341, and https://github.com/nmichlo/disent. Channels that
an adaptive threshold calls shared keep only a part of the difference from the negative, so that
the triplet is satisfied by few channels that differ much.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le
from jaxtyping import Float
from torch import Tensor

from toolkit.objectives.groups.sharing import Posterior, Threshold, difference, shared_channels
from toolkit.objectives.groups.triplets import Form, Norm, triplet_loss
from toolkit.objectives.objective import Answer, Consulted, Objective, Terms, Views, Weights, rate
from toolkit.objectives.schedules import Schedule, Weight

Share = Annotated[float, Ge(0), Le(1)] | Schedule


@dataclass(frozen=True, kw_only=True)
class AdaTVAE(Objective):
    """As the TVAE, with the shared channels of anchor and negative scaled down.

    Arguments:
        beta: weight of the rate, at least 0.
        scale: weight of a triplet, at least 0; nats per unit of the code.
        share_scale: what is left of the difference in a shared channel, 0 to 1.
        ratio: where between the least and the greatest difference of a triplet's channels the
            threshold lies, 0 (nothing is shared) to 1.
        threshold: what the difference is: "kl", "symmetric_kl" or "dist".
        form: "margin", "sigmoid", "soft", "min_clamped" or "split_clamped".
        norm: 1 or 2, of the differences of codes.
        margin: by which the negative shall be farther away, above 0.
        margin_least: below which a positive is near enough; of the clamped forms.
        least: fewest factors in which a positive differs from its anchor.
        most: most of them; -1: all but one.
        negative_least: fewest factors in which a negative differs from its anchor.
        negative_most: most of them; -1: all.
    """

    beta: Weight = 1.0
    scale: Weight = 100.0
    share_scale: Share = 0.95
    ratio: Share = 0.5
    threshold: Threshold = "dist"
    form: Form = "margin"
    norm: Norm = 1
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

    def terms(self, answer: Answer, *, weights: Weights, adversary: Consulted | None) -> Terms:
        """`loss`, `distortion`, `rate`, `triplet` and `shared` (share of channels, 0 to 1)."""
        del adversary
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
        triplet = triplet_loss(
            anchor.mean - positive.mean,
            far,
            form=self.form,
            norm=self.norm,
            margin=weights["margin"],
            margin_least=weights["margin_least"],
        ).repeat(3)
        rates = rate(answer.mean, answer.log_variance).sum(dim=1)
        return {
            "loss": answer.distortion + weights["beta"] * rates + weights["scale"] * triplet,
            "distortion": answer.distortion,
            "rate": rates,
            "triplet": triplet,
            "shared": shared.repeat(3),
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
    apart = anchor.mean - negative.mean
    return torch.where(shared, share_scale * apart, apart), shared.to(apart.dtype).mean(dim=1)
