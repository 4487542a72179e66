"""Convolutions as PyTorch defines them, by our own kernels where those are faster.

Feature maps stay channels-last from layer to layer, so that gradients have one memory order.
"""

from itertools import zip_longest

from jaxtyping import Float
from torch import Tensor, nn

from toolkit.kernels import convolve, convolve_transposed, plain_convolution


class Convolution(nn.Conv2d):
    """As `torch.nn.Conv2d` with zeros around the image."""

    def forward(
        self, images: Float[Tensor, "n c h w"], *, relu: bool = False
    ) -> Float[Tensor, "n f i j"]:
        """Feature maps, after a ReLU if `relu`."""
        if not _plain(self):
            if isinstance(self.padding, str) or self.padding_mode != "zeros":
                maps = super().forward(images)
            else:
                maps = plain_convolution(
                    images,
                    self.weight,
                    self.bias,
                    stride=(self.stride[0], self.stride[1]),
                    padding=(self.padding[0], self.padding[1]),
                    dilation=(self.dilation[0], self.dilation[1]),
                    groups=self.groups,
                )
            return maps.relu() if relu else maps
        return convolve(
            images,
            self.weight,
            self.bias,
            stride=self.stride[0],
            padding=int(self.padding[0]),
            relu=relu,
        )


class TransposedConvolution(nn.ConvTranspose2d):
    """As `torch.nn.ConvTranspose2d`."""

    def forward(
        self,
        input: Float[Tensor, "n c h w"],
        output_size: list[int] | None = None,
        *,
        relu: bool = False,
    ) -> Float[Tensor, "n f i j"]:
        """Images or larger maps, after a ReLU if `relu`."""
        if output_size is not None or not _plain(self):
            maps = super().forward(input, output_size)
            return maps.relu() if relu else maps
        return convolve_transposed(
            input,
            self.weight,
            self.bias,
            stride=self.stride[0],
            padding=int(self.padding[0]),
            output_padding=self.output_padding[0],
            relu=relu,
        )


class Chain(nn.Sequential):
    """As `torch.nn.Sequential`, but a ReLU right after a convolution is fused with it."""

    def forward(self, input: Tensor) -> Tensor:
        """Output of the last layer."""
        maps, fused = input, False
        for layer, following in zip_longest(self, list(self)[1:]):
            if fused:
                fused = False
                continue
            fused = isinstance(layer, Convolution | TransposedConvolution) and isinstance(
                following, nn.ReLU
            )
            maps = layer(maps, relu=True) if fused else layer(maps)
        return maps


def _plain(layer: Convolution | TransposedConvolution) -> bool:
    """Whether height and width have the same settings, without groups or dilation."""
    axes = (layer.kernel_size, layer.stride, layer.padding, layer.output_padding)
    return (
        not isinstance(layer.padding, str)
        and all(len(set(axis)) == 1 for axis in axes)
        and layer.groups == 1
        and set(layer.dilation) == {1}
        and layer.padding_mode == "zeros"
    )


class ToMaps(nn.Module):
    """From a row of numbers to feature maps, in PyTorch's order, channels last in memory.

    Arguments:
        channels: of the maps.
        height, width: of the maps.
    """

    def __init__(self, channels: int, height: int, width: int) -> None:
        super().__init__()
        self.channels = channels
        self.size = (height, width)

    def forward(self, numbers: Float[Tensor, "n m"]) -> Float[Tensor, "n c h w"]:
        """The maps."""
        last = numbers.unflatten(1, (self.channels, -1)).transpose(1, 2).contiguous()
        maps: Tensor = last.transpose(1, 2).unflatten(2, self.size)
        return maps
