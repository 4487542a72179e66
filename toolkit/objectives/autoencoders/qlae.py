"""Quantised latents: Hsu et al., "Disentanglement via latent quantization" (NeurIPS 2023).

https://arxiv.org/abs/2305.18378. Each channel has a code book of numbers; what regularises is the
strong weight decay. The paper's losses are means over pixels and over channels: the defaults are
its weights for images of 3 x 64 x 64 and 12 channels, see `from_means` for others.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from toolkit.objectives.autoencoders.code_books import CodeBookObjective
from toolkit.objectives.objective import BottleneckSpec, Decay
from toolkit.objectives.schedules import Weight


@dataclass(frozen=True, kw_only=True)
class QLAE(CodeBookObjective):
    """Distortion plus weighted squared distances of the encoder's numbers from their entries.

    Arguments:
        quantisation: weight of the distance that moves entries, nats per unit².
        commitment: weight of the distance that moves the encoder's numbers, nats per unit².
        values: entries of a code book, from -1/2 to 1/2 before training.
        shared: one code book for all channels.
        learnt: the entries are trained.
        weight_decay: decoupled, of all parameters but biases and code books.
        clip: bound of each entry of a gradient, of the same parameters; 1 beside means.
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

    def decay(self) -> Decay:
        """AdamW with bounded gradients, as in the authors' code."""
        return Decay(weight=self.weight_decay, clip=self.clip)
