"""VAE: Kingma & Welling, "Auto-encoding variational Bayes" (2013), arXiv 1312.6114.

https://arxiv.org/abs/1312.6114; and beta-VAE: Higgins et al., "beta-VAE: learning basic visual
concepts" (ICLR 2017), of which beta = 1 is the VAE.
"""

from dataclasses import dataclass

from toolkit.objectives.objective import Discriminator, Objective, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Weight


@dataclass(frozen=True, kw_only=True)
class VAE(Objective):
    """Distortion plus rate: minus the evidence lower bound."""

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats."""
        del weights, adversary
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        return {
            "loss": outputs.distortion + rates,
            "distortion": outputs.distortion,
            "rate": rates,
        }


@dataclass(frozen=True, kw_only=True)
class BetaVAE(Objective):
    """Distortion plus beta times the rate.

    Arguments:
        beta: weight of the rate, at least 0.
    """

    beta: Weight = 4.0

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats."""
        del adversary
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        loss = outputs.distortion + weights["beta"] * rates
        return {"loss": loss, "distortion": outputs.distortion, "rate": rates}
