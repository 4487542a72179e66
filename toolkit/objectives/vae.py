"""VAE: Kingma & Welling, "Auto-encoding variational Bayes" (2013).

https://arxiv.org/abs/1312.6114
"""

from dataclasses import dataclass

from toolkit.objectives.objective import Consulted, Objective, Outputs, Terms, Weights, rate


@dataclass(frozen=True, kw_only=True)
class VAE(Objective):
    """Distortion plus rate: minus the evidence lower bound."""

    def terms(self, answer: Outputs, *, weights: Weights, adversary: Consulted | None) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats."""
        del weights, adversary
        rates = rate(answer.mean, answer.log_variance).sum(dim=1)
        return {
            "loss": answer.distortion + rates,
            "distortion": answer.distortion,
            "rate": rates,
        }
