"""Capacity annealing: Burgess et al., "Understanding disentangling in beta-VAE" (2018).

https://arxiv.org/abs/1804.03599, equation 8. The rate is averaged over the batch before its
difference from the capacity is taken, as in the paper.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from toolkit.objectives.objective import Discriminator, Objective, Outputs, Terms, Weights, rate
from toolkit.objectives.schedules import Weight, ramp


@dataclass(frozen=True, kw_only=True)
class AnnealedVAE(Objective):
    """Distortion plus gamma |mean rate - C|, with C rising in a straight line.

    Arguments:
        gamma: weight of the difference, at least 0; 1,000 in the paper.
        capacity: C at the end, nats.
        capacity_start: C at the first step, nats; may lie above `capacity`.
        capacity_steps: updates until C has reached `capacity`; 0: from the first update.
        per_image: take the difference of each image's own rate, as pythae does, not of their mean.
    """

    gamma: Weight = 1000.0
    capacity: Annotated[float, Ge(0)] = 25.0
    capacity_start: Annotated[float, Ge(0)] = 0.0
    capacity_steps: Annotated[int, Ge(0)] = 100_000
    per_image: bool = False

    def weights(self, step: int | None) -> dict[str, float]:
        """`gamma`, and the `capacity` of this step."""
        capacity = ramp(self.capacity_start, self.capacity, steps=self.capacity_steps, step=step)
        return {**super().weights(step), "capacity": capacity}

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion`, `rate` and `capacity` (the C of this step), nats."""
        del adversary
        rates = rate(outputs.mean, outputs.log_variance).sum(dim=1)
        rates_held = rates if self.per_image else rates.mean()
        loss = outputs.distortion + weights["gamma"] * (rates_held - weights["capacity"]).abs()
        return {
            "loss": loss,
            "distortion": outputs.distortion,
            "rate": rates,
            "capacity": rates.new_ones(len(rates)) * weights["capacity"],
        }
