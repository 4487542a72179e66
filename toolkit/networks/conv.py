"""A convolutional network of declared depth, for images of any size and number of colours."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import nn

from toolkit.networks.autoencoder import Autoencoder, ImageShape
from toolkit.networks.bottlenecks import Bottleneck
from toolkit.networks.convolutions import Chain, Convolution, ToMaps, TransposedConvolution
from toolkit.networks.initialise import kaiming_uniform
from toolkit.networks.layers import dense, require


@dataclass(frozen=True, kw_only=True)
class Conv:
    """Convolutions k4 s2, each halving height and width; dense layers; the decoder mirrors it.

    With `depth=4, filters=32, hidden=256` at 64 x 64 it is the network of Burgess et al. (2018);
    a depth of 5 or 6 does the same for 128 or 256 pixels.

    >>> generator = torch.Generator()
    >>> network = Conv(depth=5).build(
    ...     (3, 128, 96), bottleneck=Bottleneck(10), generator=generator
    ... )
    >>> network.decode(torch.zeros(1, 10)).shape
    torch.Size([1, 3, 128, 96])

    Arguments:
        latents: number of channels d.
        depth: number of convolutions; height and width are multiples of 2 to this power.
        filters: of each convolution.
        hidden: width of the two dense layers.
    """

    latents: Annotated[int, Ge(1)] = 10
    depth: Annotated[int, Ge(1), Le(8)] = 4
    filters: Annotated[int, Ge(1), Le(1024)] = 32
    hidden: Annotated[int, Ge(1), Le(8192)] = 256

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images whose sides are multiples of 2 ** depth.

        Raises:
            ToolkitError: the images have another shape.
        """
        colours, height, width = image_shape
        smaller = 2**self.depth
        require(
            height % smaller == width % smaller == 0,
            "conv",
            image_shape,
            takes=f"height x width, both multiples of {smaller} (2 to the power of `depth`)",
            remedy="Set `image_size` of the data set to such a number, or a smaller `depth`.",
        )
        side = (height // smaller, width // smaller)
        flat = self.filters * side[0] * side[1]
        with torch.device("meta"):
            encoder: list[nn.Module] = []
            for before, after in pairwise([colours] + [self.filters] * self.depth):
                encoder += [Convolution(before, after, 4, stride=2, padding=1), nn.ReLU()]
            encoder += [nn.Flatten(), *dense(flat, self.hidden, self.hidden)]
            encoder.append(nn.Linear(self.hidden, bottleneck.outputs))
            decoder = dense(bottleneck.inputs, self.hidden, self.hidden, flat)
            decoder.append(ToMaps(self.filters, *side))
            for before, after in pairwise([self.filters] * self.depth + [colours]):
                decoder += [TransposedConvolution(before, after, 4, stride=2, padding=1), nn.ReLU()]
            networks = Chain(*encoder), Chain(*decoder[:-1])
        for network in networks:
            kaiming_uniform(network, generator=generator)
        return Autoencoder(networks[0], bottleneck, networks[1])
