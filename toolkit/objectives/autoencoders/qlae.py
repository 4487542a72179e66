"""Quantised latents: Hsu et al., "Disentanglement via latent quantization" (NeurIPS 2023).

https://arxiv.org/abs/2305.18378. Each channel has a code book of numbers; what regularises is the
strong weight decay. The paper's losses are means over pixels and over channels: the defaults are
its weights for images of 3 x 64 x 64 and 12 channels, see `from_means` for others.
"""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt
from jaxtyping import Float
from torch import Tensor

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
from toolkit.objectives.schedules import Weight


@dataclass(frozen=True, kw_only=True)
class QLAE(Objective):
    """Distortion plus weighted squared distances of the encoder's numbers from their entries.

    A code is an index, so that a channel is a hard clustering of the images: what it tells is the
    entropy of that clustering. The rate is log `values` nats a channel: what it takes to say which
    entry, if all are equally likely.

    Arguments:
        quantisation: weight of what draws entries to the encoder's numbers, nats per unit².
        commitment: weight of what draws the encoder's numbers to their entries, nats per unit².
        values: entries of a code book, from -1/2 to 1/2 before training.
        shared: one code book for all channels.
        learnt: the entries are trained.
        weight_decay: decoupled, of everything but biases and code books.
        clip: bound of every entry of a gradient, of the same parameters; 1 beside means.
    """

    quantisation: Weight = 10.24
    commitment: Weight = 10.24
    values: Annotated[int, Ge(2)] = 10
    shared: bool = False
    learnt: bool = True
    weight_decay: Annotated[float, Ge(0)] = 0.1
    clip: Annotated[float, Gt(0)] = 12288.0

    def bottleneck(self) -> BottleneckSpec:
        """The nearest number of a code book for each channel."""
        return BottleneckSpec(
            kind="quantised", values=self.values, shared=self.shared, learnt=self.learnt
        )

    def rates(
        self, mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"]
    ) -> Float[Tensor, "n d"]:
        """log `values` nats a channel."""
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

    def decay(self) -> Decay:
        """AdamW with bounded gradients, as in the authors' code."""
        return Decay(weight=self.weight_decay, clip=self.clip)


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
