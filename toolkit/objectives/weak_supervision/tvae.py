"""Triplets: codes keep the order of distances that factors have.

Karaletsos et al. (2015), https://arxiv.org/abs/1506.05011; Ishfaq et al., "TVAE: triplet-based
variational autoencoder using metric learning" (2018), https://arxiv.org/abs/1802.04403. The form
without posteriors is that of https://github.com/nmichlo/disent.
"""

from dataclasses import dataclass

from toolkit.objectives.autoencoders.points import PointObjective
from toolkit.objectives.objective import Discriminator, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Weight
from toolkit.objectives.weak_supervision.triplets import PlainDifference, SampledTriplets


@dataclass(frozen=True, kw_only=True)
class TripletVAE(SampledTriplets):
    """Distortion plus beta times rate, plus the loss of triplets of means.

    Arguments:
        beta: weight of the rate, at least 0.
    """

    beta: Weight = 1.0

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats; and those of its triplet."""
        del adversary
        triplets = self.terms_per_image(outputs, weights)
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        loss = outputs.distortion + weights["beta"] * rates + weights["scale"] * triplets["triplet"]
        return {"loss": loss, "distortion": outputs.distortion, "rate": rates, **triplets}


@dataclass(frozen=True, kw_only=True)
class TripletAE(SampledTriplets, PointObjective):
    """Distortion plus the loss of triplets of codes, which are points."""

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats; and those of its triplet.

        The rate is that of a posterior with the declared noise; it is no part of the loss.
        """
        del adversary
        triplets = self.terms_per_image(outputs, weights)
        rates = self.rates(outputs.mean, outputs.log_variance).sum(dim=1)
        loss = outputs.distortion + weights["scale"] * triplets["triplet"]
        return {"loss": loss, "distortion": outputs.distortion, "rate": rates, **triplets}


@dataclass(frozen=True, kw_only=True)
class TVAE(PlainDifference, TripletVAE):
    """Distortion plus beta times rate, plus the loss of triplets of means.

    Arguments:
        beta: weight of the rate, at least 0.
        scale: weight of a triplet, at least 0; nats per unit of the code.
        form: "margin", "sigmoid", "soft", "min_clamped" or "split_clamped".
        norm: 1 or 2, of the differences of codes.
        margin: by which the negative must be farther away, above 0.
        margin_least: below which a positive is near enough; of the clamped forms.
        least: fewest factors in which a positive differs from its anchor.
        most: most of them; -1: all but one.
        negative_least: fewest factors in which a negative differs from its anchor.
        negative_most: most of them; -1: all.
    """


@dataclass(frozen=True, kw_only=True)
class TAE(PlainDifference, TripletAE):
    """Distortion plus the loss of triplets of codes, which are points.

    Arguments:
        noise: standard deviation below which two codes count as one when members are compared;
            training does not use it. It must be declared.

    The other settings are those of `TVAE`, without beta.

    Raises:
        ToolkitError: `noise` is not above 0.
    """
