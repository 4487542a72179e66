"""Networks without convolutions, for images of any size.

`MLP` is the one of Higgins et al., "beta-VAE" (ICLR 2017), with the layers of disentanglement_lib;
`TanhMLP` is the weak learner of Murphy, Dillavou & Bassett (TMLR 2025),
https://arxiv.org/abs/2405.21042, section on fusion.
"""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from torch import nn

from toolkit.networks.autoencoder import Autoencoder, ImageShape
from toolkit.networks.bottlenecks import Bottleneck
from toolkit.networks.initialise import glorot_uniform
from toolkit.networks.layers import dense, require

WIDE = 1200
NARROW = 256


@dataclass(frozen=True, kw_only=True)
class MLP:
    """Encoder 1200, 1200 with ReLU; decoder 1200, 1200, 1200 with tanh.

    Arguments:
        latents: number of channels d.
    """

    latents: Annotated[int, Ge(1)] = 10

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images of any size.

        Raises:
            ToolkitError: the images have another number of colours, or no pixels.
        """
        encoder, decoder = (WIDE,) * 2, (WIDE,) * 3
        return _build("mlp", image_shape, bottleneck, generator, encoder, decoder, nn.ReLU)


@dataclass(frozen=True, kw_only=True)
class TanhMLP:
    """Encoder and decoder 256, 256 with tanh.

    Arguments:
        latents: number of channels d.
    """

    latents: Annotated[int, Ge(1)] = 10

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images of any size.

        Raises:
            ToolkitError: the images have another number of colours, or no pixels.
        """
        widths = (NARROW,) * 2
        return _build("tanh_mlp", image_shape, bottleneck, generator, widths, widths, nn.Tanh)


def _build(
    name: str,
    image_shape: ImageShape,
    bottleneck: Bottleneck,
    generator: torch.Generator,
    encoder: tuple[int, ...],
    decoder: tuple[int, ...],
    activation: type[nn.Module],
) -> Autoencoder:
    require(True, name, image_shape, takes="any size", remedy="Give images that have pixels.")
    pixels = math.prod(image_shape)
    with torch.device("meta"):
        reads = nn.Sequential(
            nn.Flatten(),
            *dense(pixels, *encoder, activation=activation),
            nn.Linear(encoder[-1], bottleneck.outputs),
        )
        draws = nn.Sequential(
            *dense(bottleneck.inputs, *decoder, activation=nn.Tanh),
            nn.Linear(decoder[-1], pixels),
            nn.Unflatten(1, image_shape),
        )
    glorot_uniform(reads, generator=generator)
    glorot_uniform(draws, generator=generator)
    return Autoencoder(reads, bottleneck, draws)
