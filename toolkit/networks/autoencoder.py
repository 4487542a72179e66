"""An encoder, a bottleneck and a decoder; and the interface of every row of the table."""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from toolkit.kernels import to_kernel_layout
from toolkit.networks.bottlenecks import Bottleneck

ImageShape = tuple[int, int, int]


class Autoencoder(nn.Module):
    """A member: from images to posteriors, and from latents back to images.

    Arguments:
        encoder: from images (n, c, h, w) to the `outputs` numbers of the bottleneck.
        bottleneck: from these to posteriors and latents.
        decoder: from the `inputs` numbers of the latents to outputs (n, c, h, w).
    """

    def __init__(self, encoder: nn.Module, bottleneck: Bottleneck, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.bottleneck = bottleneck
        self.decoder = decoder

    def encode(
        self, images: Float[Tensor, "n c h w"]
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n d"]]:
        """Mean and log-variance of each posterior; images in [0, 1]."""
        posterior = self.bottleneck.posterior(self.encoder(images))
        return posterior.mean, posterior.log_variance

    def integer_codes(self, images: Float[Tensor, "n c h w"]) -> Int[Tensor, "n d"] | None:
        """Index of the code-book entry of each channel, counted from 0; None without a code book.

        For scores that have a discrete form: where the means are entries of a code book, these are
        the same clustering of the images as whole numbers.

        Arguments:
            images: values in [0, 1].
        """
        return self.bottleneck.indices(self.encoder(images))

    def decode(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n c h w"]:
        """Outputs of the decoder; `expected` of the member's likelihood makes them images."""
        outputs: Tensor = self.decoder(self.bottleneck.dequantise(codes))
        return outputs

    def to_kernel_layout(self, dtype: torch.dtype) -> "Autoencoder":
        """Parameters in `dtype`, filters in the memory order that the convolution kernels read."""
        for parameter in self.parameters():
            data = parameter.data.to(dtype)
            parameter.data = to_kernel_layout(data) if data.ndim == 4 else data.contiguous()
        return self


@runtime_checkable
class Network(Protocol):
    """Settings of a network; `build` makes one with weights drawn from `generator` alone."""

    @property
    def latents(self) -> int:
        """Number of channels d."""
        ...

    def build(
        self, image_shape: ImageShape, *, bottleneck: Bottleneck, generator: torch.Generator
    ) -> Autoencoder:
        """A network for images of (channels, height, width), around a bottleneck.

        Raises:
            ToolkitError: the network has no form for that size.
        """
        ...
