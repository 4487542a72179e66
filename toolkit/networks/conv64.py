"""The network of Locatello et al., "Challenging common assumptions" (ICML 2019).

https://arxiv.org/abs/1811.12359, with the layers of disentanglement_lib. Its encoder ends in two
convolutions k2, where Higgins et al. (2017) have k4 throughout: both forms are here.
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

SIDE = 64
FILTERS = (32, 32, 64, 64)
HIDDEN = 256
LAST = 4  # height and width of the last feature map


@dataclass(frozen=True, kw_only=True)
class Conv64:
    """Convolutions 32 k4, 32 k4, 64 k2, 64 k2 with stride 2, dense 256; the decoder has k4.

    Arguments:
        latents: number of channels d.
    """

    latents: Annotated[int, Ge(1)] = 10

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images of 64 x 64 pixels.

        Raises:
            ToolkitError: the images have another shape.
        """
        return _build("conv64", (4, 4, 2, 2), image_shape, bottleneck, generator)


@dataclass(frozen=True, kw_only=True)
class Conv64K4:
    """As `Conv64`, with k4 in all four convolutions.

    Arguments:
        latents: number of channels d.
    """

    latents: Annotated[int, Ge(1)] = 10

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images of 64 x 64 pixels.

        Raises:
            ToolkitError: the images have another shape.
        """
        return _build("conv64_k4", (4, 4, 4, 4), image_shape, bottleneck, generator)


def _build(
    name: str,
    kernels: tuple[int, ...],
    image_shape: ImageShape,
    bottleneck: Bottleneck,
    generator: torch.Generator,
) -> Autoencoder:
    colours, height, width = image_shape
    require(
        height == width == SIDE,
        name,
        image_shape,
        takes="64 x 64",
        remedy="Set `image_size` of the data set to 64.",
    )
    flat = FILTERS[-1] * LAST * LAST
    with torch.device("meta"):
        encoder: list[nn.Module] = []
        for (before, after), kernel in zip(pairwise((colours, *FILTERS)), kernels, strict=True):
            padding = (kernel - 2) // 2
            encoder += [Convolution(before, after, kernel, 2, padding=padding), nn.ReLU()]
        encoder += [nn.Flatten(), *dense(flat, HIDDEN), nn.Linear(HIDDEN, bottleneck.outputs)]
        decoder = dense(bottleneck.inputs, HIDDEN, flat)
        decoder.append(ToMaps(FILTERS[-1], LAST, LAST))
        for before, after in pairwise((*reversed(FILTERS), colours)):
            decoder += [TransposedConvolution(before, after, 4, stride=2, padding=1), nn.ReLU()]
        networks = Chain(*encoder), Chain(*decoder[:-1])
    for network in networks:
        glorot_uniform(network, generator=generator)
    return Autoencoder(networks[0], bottleneck, networks[1])
