"""The network of Murphy, Dillavou & Bassett (TMLR 2025) for Fashion-MNIST.

https://arxiv.org/abs/2405.21042. All convolutions have TensorFlow's padding "same".
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import torch
from annotated_types import Ge
from torch import nn

from toolkit.networks.autoencoder import Autoencoder, ImageShape
from toolkit.networks.bottlenecks import Bottleneck
from toolkit.networks.convolutions import Chain, Convolution, ToMaps, TransposedConvolution
from toolkit.networks.initialise import glorot_uniform
from toolkit.networks.layers import dense, require

ENCODER = (32, 64)
DECODER = (32, 64, 32)
HIDDEN = 256
SMALLER = 4  # times in height and width, after two convolutions of stride 2


@dataclass(frozen=True, kw_only=True)
class Murphy:
    """Convolutions 32 k4, 64 k4 with stride 2, dense 256; the decoder ends in k4 of stride 1.

    Arguments:
        latents: number of channels d.
    """

    latents: Annotated[int, Ge(1)] = 10

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images whose sides are multiples of 4, as the published 28.

        Raises:
            ToolkitError: the images have another shape.
        """
        colours, height, width = image_shape
        require(
            height % SMALLER == width % SMALLER == 0,
            "murphy",
            image_shape,
            takes="height x width, both multiples of 4",
            remedy="Set `image_size` of the data set to such a number.",
        )
        side = (height // SMALLER, width // SMALLER)
        with torch.device("meta"):
            encoder: list[nn.Module] = []
            for before, after in pairwise((colours, *ENCODER)):
                encoder += [Convolution(before, after, 4, stride=2, padding=1), nn.ReLU()]
            encoder += [nn.Flatten(), *dense(ENCODER[-1] * side[0] * side[1], HIDDEN)]
            encoder.append(nn.Linear(HIDDEN, bottleneck.outputs))
            decoder = dense(bottleneck.inputs, DECODER[0] * side[0] * side[1])
            decoder.append(ToMaps(DECODER[0], *side))
            for before, after in pairwise(DECODER):
                decoder += [TransposedConvolution(before, after, 4, stride=2, padding=1), nn.ReLU()]
            decoder += [
                TransposedConvolution(DECODER[-1], colours, 4, stride=1, padding=1),
                nn.ZeroPad2d((0, -1, 0, -1)),  # "same" of an even kernel cuts one more at the end
            ]
            networks = Chain(*encoder), Chain(*decoder)
        for network in networks:
            glorot_uniform(network, generator=generator)
        return Autoencoder(networks[0], bottleneck, networks[1])
