"""BioAE: Whittington et al., "Disentanglement with biological constraints" (ICLR 2023).

https://arxiv.org/abs/2210.01768: codes shall be positive and small, and weights small. In
https://github.com/kylehkhsu/disentangle the losses are means over pixels and over channels: the
defaults are its weights for images of 3 x 64 x 64 and 12 channels, see `from_means` for others.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from toolkit.objectives.autoencoders.points import PointObjective
from toolkit.objectives.objective import Decay, Discriminator, Outputs, Terms, Weights
from toolkit.objectives.schedules import Weight


@dataclass(frozen=True, kw_only=True)
class BioAE(PointObjective):
    """Distortion plus a penalty of negative codes, plus one of squared codes.

    Arguments:
        noise: standard deviation below which two codes count as one when members are compared. It
            must be declared: without noise every image would have a code of its own, and every
            channel log2 n bits, whatever it holds. Training does not use it.
        nonnegative: weight of the sum of max(0, -code), nats per unit.
        activity: weight of the sum of squared codes, nats per unit²; a tenth of it in some uses.
        weight_decay: decoupled, of all parameters but biases.
        clip: bound of each entry of a gradient, of the same parameters; 1 beside means.

    Raises:
        ToolkitError: `noise` is not above 0.
    """

    nonnegative: Weight = 1024.0
    activity: Weight = 102.4
    weight_decay: Annotated[float, Ge(0)] = 1e-4
    clip: Annotated[float, Gt(0)] = 12288.0

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion`, `rate`, `negative` and `activity` of each image.

        The rate is that of a posterior with the declared noise; it is no part of the loss.
        """
        del adversary
        negative = (-outputs.mean).relu().sum(dim=1)
        activity = outputs.mean.square().sum(dim=1)
        loss = (
            outputs.distortion + weights["nonnegative"] * negative + weights["activity"] * activity
        )
        return {
            "loss": loss,
            "distortion": outputs.distortion,
            "rate": self.rates(outputs.mean, outputs.log_variance).sum(dim=1),
            "negative": negative,
            "activity": activity,
        }

    def decay(self) -> Decay:
        """AdamW with bounded gradients, as in that code."""
        return Decay(weight=self.weight_decay, clip=self.clip)
