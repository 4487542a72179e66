"""VAE: Kingma & Welling, "Auto-encoding variational Bayes" (2013).

https://arxiv.org/abs/1312.6114
"""

from dataclasses import dataclass

from toolkit.objectives.objective import Discriminator, Objective, Outputs, Terms, Weights, rate


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
