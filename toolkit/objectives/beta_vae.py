"""beta-VAE: Higgins et al., "beta-VAE: learning basic visual concepts" (ICLR 2017).

beta = 1 is the VAE of Kingma & Welling (2013), https://arxiv.org/abs/1312.6114
"""

from dataclasses import dataclass

from toolkit.objectives.objective import Discriminator, Objective, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Weight


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
