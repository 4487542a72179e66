"""Triplet VAE: a beta-VAE whose codes keep the order of distances that factors have.

Karaletsos et al. (2015), https://arxiv.org/abs/1506.05011; Ishfaq et al., "TVAE: triplet-based
variational autoencoder using metric learning" (2018), https://arxiv.org/abs/1802.04403.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from toolkit.objectives.groups.triplets import Form, Norm, triplet_loss
from toolkit.objectives.objective import Answer, Consulted, Objective, Terms, Views, Weights, rate
from toolkit.objectives.schedules import Weight


@dataclass(frozen=True, kw_only=True)
class TVAE(Objective):
    """Distortion plus beta times rate, plus what the triplets of means cost.

    Arguments:
        beta: weight of the rate, at least 0.
        scale: weight of a triplet, at least 0; nats per unit of the code.
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

    def terms(self, answer: Answer, *, weights: Weights, adversary: Consulted | None) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats; `triplet` of the one it is in."""
        del adversary
        anchor, positive, negative = answer.mean.chunk(3)
        triplet = triplet_loss(
            anchor - positive,
            anchor - negative,
            form=self.form,
            norm=self.norm,
            margin=weights["margin"],
            margin_least=weights["margin_least"],
        ).repeat(3)
        rates = rate(answer.mean, answer.log_variance).sum(dim=1)
        loss = answer.distortion + weights["beta"] * rates + weights["scale"] * triplet
        return {
            "loss": loss,
            "distortion": answer.distortion,
            "rate": rates,
            "triplet": triplet,
        }
