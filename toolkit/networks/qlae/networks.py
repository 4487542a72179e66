"""The networks of Hsu et al., "Disentanglement via latent quantization" (NeurIPS 2023).

https://arxiv.org/abs/2305.18378. Instance norms look at one image at a time, so that no outputs
depends on what else is in a batch. First numbers are those of Equinox.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import torch
from annotated_types import Ge
from torch import nn

from toolkit.networks.autoencoder import Autoencoder, ImageShape
from toolkit.networks.bottlenecks import Bottleneck
from toolkit.networks.convolutions import Chain, Convolution, ToMaps, TransposedConvolution
from toolkit.networks.initialise import fan_in_uniform
from toolkit.networks.layers import InstanceNorm, dense, require
from toolkit.networks.qlae.style import SLOPE, StyleDecoder, stride_of

DecoderKind = Literal["style", "style_one_plus", "image"]
SMALLER = 16  # times in height and width, after four convolutions of stride 2


@dataclass(frozen=True, kw_only=True)
class _Size:
    """Differences of the large and the small networks.

    Arguments:
        filters: of the encoder's convolutions; the decoder's are these in reverse.
        kernels: of both, in order.
        hidden: widths of the dense layers.
    """

    filters: tuple[int, ...]
    kernels: tuple[int, ...]
    hidden: tuple[int, ...]


LARGE = _Size(
    filters=(32, 32, 32, 64, 64, 64, 128, 128, 128, 256, 256, 256),
    kernels=(3, 3, 4) * 4,
    hidden=(256, 256),
)
SMALL = _Size(filters=(64, 128, 256, 512), kernels=(4,) * 4, hidden=(512,))


@dataclass(frozen=True, kw_only=True)
class QLAELarge:
    """Twelve convolutions 32 to 256, k3, k3, k4 in turn, instance norms, dense 256, 256.

    Arguments:
        latents: number of channels d.
        decoder: "style" starts from a learned map that the code modulates layer by layer, with a
            scale and a bias that are never negative, as published; "style_one_plus" has StyleGAN's
            modulation instead, 1 + scale, of any sign; "image" is the encoder in reverse.
    """

    latents: Annotated[int, Ge(1)] = 10
    decoder: DecoderKind = "style"

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images whose sides are multiples of 16, at least 32.

        Raises:
            ToolkitError: the images have another shape.
        """
        return _build("qlae_large", LARGE, self.decoder, image_shape, bottleneck, generator)


@dataclass(frozen=True, kw_only=True)
class QLAESmall:
    """Four convolutions 64, 128, 256, 512, k4, instance norms, dense 512.

    Arguments:
        latents: number of channels d.
        decoder: as for `QLAELarge`.
    """

    latents: Annotated[int, Ge(1)] = 10
    decoder: DecoderKind = "style"

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images whose sides are multiples of 16, at least 32.

        Raises:
            ToolkitError: the images have another shape.
        """
        return _build("qlae_small", SMALL, self.decoder, image_shape, bottleneck, generator)


def _build(
    name: str,
    size: _Size,
    kind: DecoderKind,
    image_shape: ImageShape,
    bottleneck: Bottleneck,
    generator: torch.Generator,
) -> Autoencoder:
    colours, height, width = image_shape
    require(
        height % SMALLER == width % SMALLER == 0 and min(height, width) >= 2 * SMALLER,
        name,
        image_shape,
        takes="height x width, both multiples of 16 from 32",
        remedy="Set `image_size` of the data set to such a number; 64 is the published one.",
    )
    last = (height // SMALLER, width // SMALLER)
    reverse = size.filters[::-1]
    flat = size.filters[-1] * last[0] * last[1]
    decoder: nn.Module
    with torch.device("meta"):
        # Encoder
        layers: list[nn.Module] = []
        pairs = pairwise((colours, *size.filters))
        for (before, after), kernel in zip(pairs, size.kernels, strict=True):
            stride = stride_of(kernel)
            layers += _normed(
                Convolution(before, after, kernel, stride, padding=1, bias=False), after
            )
        layers += [nn.Flatten(), *dense(flat, *size.hidden)]
        encoder = Chain(*layers, nn.Linear(size.hidden[-1], bottleneck.outputs))
        # Decoder: the encoder in reverse, or a map that the code modulates
        if kind == "image":
            layers = [*dense(bottleneck.inputs, *size.hidden, flat), ToMaps(reverse[0], *last)]
            pairs = pairwise((reverse[0], *reverse))
            for (before, after), kernel in zip(pairs, size.kernels, strict=True):
                stride = stride_of(kernel)
                layers += _normed(
                    TransposedConvolution(before, after, kernel, stride, padding=1, bias=False),
                    after,
                )
            decoder = Chain(*layers, Convolution(reverse[-1], colours, 1, bias=False))
        else:
            decoder = StyleDecoder(
                inputs=bottleneck.inputs,
                hidden=size.hidden,
                start=(reverse[0], *last),
                filters=reverse,
                kernels=size.kernels,
                colours=colours,
                one_plus=kind == "style_one_plus",
            )
    fan_in_uniform(encoder, generator=generator)
    fan_in_uniform(decoder, generator=generator)
    return Autoencoder(encoder, bottleneck, decoder)


def _normed(convolution: Convolution | TransposedConvolution, filters: int) -> list[nn.Module]:
    return [convolution, InstanceNorm(filters, affine=True), nn.LeakyReLU(SLOPE)]
