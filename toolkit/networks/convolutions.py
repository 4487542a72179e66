"""Convolutions with the same numbers as PyTorch's, in the form that a CPU core is quickest with.

Measured on one AVX2 core at 32 pixels: a bias that is added by itself spares oneDNN's slow bias
gradient, and a transposed convolution to one or three colours is a matrix product whose
columns are added up, not a convolution of thirty-two filters that are nearly all padding. A bias is
never added in place to a view, whose gradient would be copied whole three times. Feature maps stay
channels-last from layer to layer, or every ReLU's gradient walks memory in two orders.
"""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, fold, linear, pad

NARROW = 4  # filters up to which the matrix product is quicker


class Convolution(nn.Conv2d):
    """As `torch.nn.Conv2d` with zeros around the image."""

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n f i j"]:
        """Filter responses."""
        if self.in_channels <= NARROW and self.groups == 1:
            return self._product(images)
        made = conv2d(
            images, self.weight, None, self.stride, self.padding, self.dilation, self.groups
        )
        return made if self.bias is None else made.add_(self.bias[:, None, None])

    def _product(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n f i j"]:
        above, beside = (int(size) for size in self.padding)
        around = pad(images, (beside, beside, above, above))
        for axis in (0, 1):
            far, side, step = self.dilation[axis], self.kernel_size[axis], self.stride[axis]
            around = around.unfold(2 + axis, far * (side - 1) + 1, step)[..., ::far]
        patches = around.permute(0, 2, 3, 1, 4, 5).flatten(3)
        maps: Tensor = linear(patches, self.weight.flatten(1), self.bias).permute(0, 3, 1, 2)
        return maps


class TransposedConvolution(nn.ConvTranspose2d):
    """As `torch.nn.ConvTranspose2d` with one group, kernel at least as large as its stride."""

    def forward(
        self, input: Float[Tensor, "n c h w"], output_size: list[int] | None = None
    ) -> Float[Tensor, "n f i j"]:
        """Images or larger maps; `output_size` as PyTorch has it is left to PyTorch."""
        if output_size is not None:
            return super().forward(input, output_size)
        narrow = self.out_channels <= NARROW
        made = self._product(input) if narrow else self._convolution(input)
        return made if self.bias is None else made.add_(self.bias[:, None, None])

    def _convolution(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n f i j"]:
        padding = [int(size) for size in self.padding]
        return conv_transpose2d(maps, self.weight, None, self.stride, padding, self.output_padding)

    def _product(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n f i j"]:
        columns = self.weight.flatten(1).T @ maps.flatten(2)
        padding = tuple(int(size) for size in self.padding)
        size = tuple(
            (before - 1) * step - 2 * around + side + extra
            for before, step, around, side, extra in zip(
                maps.shape[2:],
                self.stride,
                padding,
                self.kernel_size,
                self.output_padding,
                strict=True,
            )
        )
        return fold(columns, size, self.kernel_size, padding=padding, stride=self.stride)


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
