"""Triplets: the positive shall be nearer to the anchor than the negative.

Weinberger & Saul (2009); for VAEs Karaletsos et al. (2015), https://arxiv.org/abs/1506.05011, and
Ishfaq et al. (2018), https://arxiv.org/abs/1802.04403. The forms are those of
https://github.com/nmichlo/disent.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

from toolkit.objectives.objective import Objective, Outputs, Sampling, Terms, Weights
from toolkit.objectives.schedules import Margin, Weight
from toolkit.objectives.weak_supervision.sharing import Posterior

Form = Literal["margin", "sigmoid", "soft", "min_clamped", "split_clamped"]
FORMS: tuple[Form, ...] = ("margin", "sigmoid", "soft", "min_clamped", "split_clamped")
Norm = Literal[1, 2]


def triplet_loss(
    near: Float[Tensor, "n d"],
    far: Float[Tensor, "n d"],
    *,
    form: Form,
    norm: Norm,
    margin: float | Tensor,
    margin_least: float | Tensor,
) -> Float[Tensor, " n"]:
    """Loss of each triplet, in units of the code (soft and sigmoid forms: without unit).

    With p and q the norms of `near` and `far`:

    - "margin": max(0, p - q + m)
    - "sigmoid": 1 / (1 + e^((q - p) / m))
    - "soft": log(1 + e^(p - q))
    - "min_clamped": max(0, max(p, l) - q + m)
    - "split_clamped": max(p, l) - min(q, m) + m - l

    >>> near, far = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0]])
    >>> triplet_loss(near, far, form="margin", norm=2, margin=1.0, margin_least=0.1)
    tensor([4.])

    Arguments:
        near: anchor minus positive.
        far: anchor minus negative.
        form: which of the losses.
        norm: 1 or 2.
        margin: m, above 0.
        margin_least: l, at least 0; of the clamped forms.
    """
    # Norms p, q
    positive: Tensor = torch.linalg.vector_norm(near, ord=norm, dim=1)
    negative: Tensor = torch.linalg.vector_norm(far, ord=norm, dim=1)
    if form == "margin":
        return (positive - negative + margin).relu()
    if form == "sigmoid":
        return ((positive - negative) / margin).sigmoid()
    if form == "soft":
        return softplus(positive - negative)
    # Clamped: max(p, l), min(q, m)
    clamped = margin_least + (positive - margin_least).relu()
    if form == "min_clamped":
        return (clamped - negative + margin).relu()
    reached = margin - (margin - negative).relu()
    return clamped - reached + (margin - margin_least)


@dataclass(frozen=True, kw_only=True)
class TripletObjective(Objective):
    """A loss that triplets are a part of; a subclass says how a negative differs from its anchor.

    Arguments:
        scale: weight of a triplet, at least 0; nats per unit of the code.
        form: "margin", "sigmoid", "soft", "min_clamped" or "split_clamped".
        norm: 1 or 2, of the differences of codes.
        margin: by which the negative must be farther away, above 0.
        margin_least: below which a positive is near enough; of the clamped forms.
    """

    scale: Weight = 100.0
    form: Form = "margin"
    norm: Norm = 2
    margin: Margin = 10.0
    margin_least: Weight = 0.1

    @abstractmethod
    def negative_difference(
        self, anchor: Posterior, negative: Posterior, weights: Weights
    ) -> tuple[Float[Tensor, "n d"], Terms]:
        """Anchor minus negative as the loss counts it, and what else is reported of it."""
        ...

    def triplet_terms(
        self, anchor: Posterior, positive: Posterior, negative: Posterior, weights: Weights
    ) -> Terms:
        """`triplet`: loss of each triplet; and what `negative_difference` reports."""
        far, reported = self.negative_difference(anchor, negative, weights)
        loss = triplet_loss(
            anchor.mean - positive.mean,
            far,
            form=self.form,
            norm=self.norm,
            margin=weights["margin"],
            margin_least=weights["margin_least"],
        )
        return {"triplet": loss, **reported}


class PlainDifference:
    """The difference from the negative as it is; beside a `TripletObjective`."""

    def negative_difference(
        self, anchor: Posterior, negative: Posterior, weights: Weights
    ) -> tuple[Float[Tensor, "n d"], Terms]:
        """Anchor minus negative."""
        del weights
        return anchor.mean - negative.mean, {}


@dataclass(frozen=True, kw_only=True)
class SampledTriplets(TripletObjective):
    """Anchor, positive and negative are sampled by their factors, the positive no farther.

    Arguments:
        least: fewest factors in which a positive differs from its anchor.
        most: most of them; -1: all but one.
        negative_least: fewest factors in which a negative differs from its anchor.
        negative_most: most of them; -1: all.
    """

    least: Annotated[int, Ge(1)] = 1
    most: Annotated[int, Ge(-1)] = -1
    negative_least: Annotated[int, Ge(1)] = 1
    negative_most: Annotated[int, Ge(-1)] = -1

    def sampling(self) -> Sampling:
        """Anchor, positive and negative; the positive no farther by the factors."""
        return Sampling(
            images=3,
            least=self.least,
            most=self.most,
            negative_least=self.negative_least,
            negative_most=self.negative_most,
        )

    def terms_per_image(self, outputs: Outputs, weights: Weights) -> Terms:
        """The terms of the triplet that each image is in."""
        anchor, positive, negative = (
            Posterior(*third)
            for third in zip(outputs.mean.chunk(3), outputs.log_variance.chunk(3), strict=True)
        )
        terms = self.triplet_terms(anchor, positive, negative, weights)
        return {name: value.repeat(3) for name, value in terms.items()}
