"""A plain autoencoder: Hinton & Salakhutdinov, "Reducing the dimensionality of data" (2006).

Its codes are points. Without noise every image would have a code of its own and every channel would
tell log2 n bits, whatever it holds; so the noise below which two codes count as one is declared.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from toolkit.objectives.autoencoders.points import PointObjective
from toolkit.objectives.objective import Decay


@dataclass(frozen=True, kw_only=True)
class AE(PointObjective):
    """Distortion alone.

    Arguments:
        noise: standard deviation below which two codes count as one when members are compared;
            the training does not notice it. It must be declared.
        weight_decay: decoupled, of everything but biases; 0.001 in use.

    Raises:
        ToolkitError: `noise` is not above 0.
    """

    weight_decay: Annotated[float, Ge(0)] = 0.0

    def decay(self) -> Decay | None:
        """AdamW, where a weight is given."""
        return Decay(weight=self.weight_decay, clip=None) if self.weight_decay else None
