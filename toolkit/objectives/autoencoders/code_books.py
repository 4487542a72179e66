"""What objectives with a code book have in common: the distances that train it, and the rate."""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives.objective import Discriminator, Objective, Outputs, Terms, Weights
from toolkit.objectives.schedules import Weight


@dataclass(frozen=True, kw_only=True)
class CodeBookObjective(Objective):
    """Distortion plus weighted squared distances of the encoder's output from its entries.

    A code is an index, so that a channel is a hard clustering of the images: its information is the
    entropy of that clustering. The rate is log `values` nats per channel: the cost of an index, if
    all are equally likely.

    Arguments:
        quantisation: weight of the distance that moves entries, nats per unit².
        commitment: weight of the distance that moves the encoder's output, nats per unit².
        values: entries of a code book.
    """

    quantisation: Weight
    commitment: Weight
    values: Annotated[int, Ge(2)]

    def rates(
        self, mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"]
    ) -> Float[Tensor, "n d"]:
        """log `values` nats per channel."""
        del log_variance
        return torch.full_like(mean, math.log(self.values))

    def terms(
        self, outputs: Outputs, *, weights: Weights, adversary: Discriminator | None
    ) -> Terms:
        """`loss`, `distortion`, `rate`, `quantisation` and `commitment` of each image."""
        del adversary
        quantisation, commitment = distances(outputs)
        loss = (
            outputs.distortion
            + weights["quantisation"] * quantisation
            + weights["commitment"] * commitment
        )
        return {
            "loss": loss,
            "distortion": outputs.distortion,
            "rate": self.rates(outputs.mean, outputs.log_variance).sum(dim=1),
            "quantisation": quantisation,
            "commitment": commitment,
        }


def distances(outputs: Outputs) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
    """Squared distances of codes from their entries, summed: for the code book, for the encoder.

    The numbers are the same; the gradient of the first reaches the code book alone, that of the
    second the encoder alone.

    Raises:
        ToolkitError: the member has no code book.
    """
    if outputs.encoder_output is None or outputs.quantised is None:
        raise ToolkitError(
            "this objective needs a code book. Build the member with its `bottleneck`."
        )
    quantisation = (outputs.encoder_output.detach() - outputs.quantised).square().sum(dim=1)
    commitment = (outputs.encoder_output - outputs.quantised.detach()).square().sum(dim=1)
    return quantisation, commitment
