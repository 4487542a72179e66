"""The network of Burgess et al., "Understanding disentangling in beta-VAE" (2018).

https://arxiv.org/abs/1804.03599, with the sizes of the disentangling-vae project.
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
from toolkit.networks.initialise import kaiming_uniform
from toolkit.networks.layers import dense, require

FILTERS = 32
HIDDEN = 256
SIDES = (32, 64, 128, 256)
LAST = 4  # height and width of the last feature map


@dataclass(frozen=True, kw_only=True)
class Burgess:
    """Convolutions 32 k4 s2 down to 4 x 4, two hidden layers of 256; the decoder mirrors it.

    >>> generator = torch.Generator()
    >>> network = Burgess(latents=10).build(
    ...     (1, 64, 64), bottleneck=Bottleneck(10), generator=generator
    ... )
    >>> sum(parameter.numel() for parameter in network.parameters())
    502005

    Arguments:
        latents: number of channels d.
    """

    latents: Annotated[int, Ge(1)] = 10

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for square images of 32, 64, 128 or 256 pixels.

        Raises:
            ToolkitError: the images have another shape.
        """
        colours, height, width = image_shape
        require(
            height == width and height in SIDES,
            "burgess",
            image_shape,
            takes="32 x 32, 64 x 64, 128 x 128 or 256 x 256",
            remedy="Set `image_size` of the data set to one of these, or take the network `conv`.",
        )
        depth = (height // LAST).bit_length() - 1
        flat = FILTERS * LAST * LAST
        with torch.device("meta"):
            encoder: list[nn.Module] = []
            for before, after in pairwise([colours] + [FILTERS] * depth):
                encoder += [Convolution(before, after, 4, stride=2, padding=1), nn.ReLU()]
            encoder += [nn.Flatten(), *dense(flat, HIDDEN, HIDDEN)]
            encoder.append(nn.Linear(HIDDEN, bottleneck.outputs))
            decoder = dense(bottleneck.inputs, HIDDEN, HIDDEN, flat)
            decoder.append(ToMaps(FILTERS, LAST, LAST))
            for before, after in pairwise([FILTERS] * depth + [colours]):
                decoder += [TransposedConvolution(before, after, 4, stride=2, padding=1), nn.ReLU()]
            networks = Chain(*encoder), Chain(*decoder[:-1])
        for network in networks:
            kaiming_uniform(network, generator=generator)
        return Autoencoder(networks[0], bottleneck, networks[1])
