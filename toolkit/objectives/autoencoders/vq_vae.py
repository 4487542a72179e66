"""Vector quantisation: van den Oord et al., "Neural discrete representation learning" (2017).

https://arxiv.org/abs/1711.00937, with one vector a channel and one code book for all channels, as
in https://github.com/kylehkhsu/disentangle. Its losses are means over pixels and over the numbers
of a code: the defaults are its weights for images of 3 x 64 x 64 and 12 channels of 64 numbers,
see `from_means` for others.
"""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt
from jaxtyping import Float
from torch import Tensor

from toolkit.objectives.autoencoders.qlae import distances
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
class VQVAE(Objective):
    """Distortion plus weighted squared distances of the encoder's vectors from their entries.

    A code is the index of a vector, so that a channel is a hard clustering of the images: what it
    tells is the entropy of that clustering. The rate is log `values` nats a channel, under the
    uniform prior of the paper.

    Arguments:
        quantisation: weight of what draws entries to the encoder's vectors, nats per unit².
        commitment: weight of what draws the encoder's vectors to their entries, nats per unit².
        values: vectors in the code book.
        width: numbers of a vector.
        weight_decay: decoupled, of everything but biases and the code book.
        clip: bound of every entry of a gradient, of the same parameters; 1 beside means.
    """

    quantisation: Weight = 16.0
    commitment: Weight = 4.0
    values: Annotated[int, Ge(2)] = 512
    width: Annotated[int, Ge(1)] = 64
    weight_decay: Annotated[float, Ge(0)] = 0.0
    clip: Annotated[float, Gt(0)] = 12288.0

    def bottleneck(self) -> BottleneckSpec:
        """The nearest vector of one code book for each channel."""
        return BottleneckSpec(kind="vectors", values=self.values, width=self.width)

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
        """AdamW with bounded gradients, as in that code."""
        return Decay(weight=self.weight_decay, clip=self.clip)
