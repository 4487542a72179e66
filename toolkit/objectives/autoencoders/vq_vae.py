"""Vector quantisation: van den Oord et al., "Neural discrete representation learning" (2017).

https://arxiv.org/abs/1711.00937, with one vector per channel and one code book for all channels, as
in https://github.com/kylehkhsu/disentangle. Its losses are means over pixels and over the numbers
of a code: the defaults are its weights for images of 3 x 64 x 64 and 12 channels of 64 numbers,
see `from_means` for others.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from toolkit.objectives.autoencoders.code_books import CodeBookObjective
from toolkit.objectives.objective import BottleneckSpec, Decay
from toolkit.objectives.schedules import Weight


@dataclass(frozen=True, kw_only=True)
class VQVAE(CodeBookObjective):
    """Distortion plus weighted squared distances of the encoder's vectors from their entries.

    Arguments:
        quantisation: weight of the distance that moves entries, nats per unit².
        commitment: weight of the distance that moves the encoder's vectors, nats per unit².
        values: vectors in the code book.
        width: numbers of a vector.
        weight_decay: decoupled, of all parameters but biases and the code book.
        clip: bound of each entry of a gradient, of the same parameters; 1 beside means.
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

    def decay(self) -> Decay:
        """AdamW with bounded gradients, as in that code."""
        return Decay(weight=self.weight_decay, clip=self.clip)
