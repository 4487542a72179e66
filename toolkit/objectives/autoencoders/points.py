"""Codes that are points: the plain autoencoder, and what it shares with others of its kind.

Hinton & Salakhutdinov, "Reducing the dimensionality of data" (2006). A point has no noise of its
own, so that the noise with which members are compared must be declared.
"""

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Ge, Gt

from toolkit.errors import ToolkitError
from toolkit.objectives.objective import (
    BottleneckSpec,
    Decay,
    Discriminator,
    Objective,
    Outputs,
    Terms,
    Weights,
)

WHY = (
    "Its codes have no noise of their own: every image would have a code of its own, and every "
    "channel log2 n bits, whatever it holds. Declare `noise`, the standard deviation "
    "below which two codes count as one."
)
Noise = Annotated[float, Gt(0)]
REASON = {"why": WHY}  # metadata of a field, for the message where it is missing or wrong


@dataclass(frozen=True, kw_only=True)
class PointObjective(Objective):
    """A loss of codes without noise.

    Arguments:
        noise: standard deviation below which two codes count as one when members are compared;
            training does not use it. It must be declared.

    Raises:
        ToolkitError: `noise` is not above 0.
    """

    noise: Noise = field(metadata=REASON)

    def __post_init__(self) -> None:
        if not self.noise > 0:
            raise ToolkitError(f"the `noise` of {type(self).__name__} is {self.noise:g}. {WHY}")

    def bottleneck(self) -> BottleneckSpec:
        """Points, with the declared noise."""
        return BottleneckSpec(kind="deterministic", noise=self.noise)


@dataclass(frozen=True, kw_only=True)
class DistortionAlone(PointObjective):
    """A loss without any penalty of codes."""

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion` and `rate` of each image, nats; the rate is that of the noise."""
        del weights, adversary
        rates = self.rates(outputs.mean, outputs.log_variance).sum(dim=1)
        return {"loss": outputs.distortion, "distortion": outputs.distortion, "rate": rates}


@dataclass(frozen=True, kw_only=True)
class AE(DistortionAlone):
    """Distortion alone.

    Arguments:
        noise: standard deviation below which two codes count as one when members are compared;
            training does not use it. It must be declared.
        weight_decay: decoupled, of all parameters but biases; 0.001 in use.

    Raises:
        ToolkitError: `noise` is not above 0.
    """

    weight_decay: Annotated[float, Ge(0)] = 0.0

    def decay(self) -> Decay | None:
        """AdamW, where a weight is given."""
        return Decay(weight=self.weight_decay, clip=None) if self.weight_decay else None
