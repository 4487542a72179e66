"""Where the pixels of a convolution find each other."""

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import torch

from toolkit.kernels.machine import tile_for

Pair = tuple[int, int]
Shape = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Of a convolution from fine maps to coarse ones, or of its transpose.

    Maps lie channels last. Each kind of map is copied into a frame of zeros, where every filter
    finds all its numbers at one distance from its pixel.

    Arguments:
        fine: channels, height, width of the fine maps.
        coarse: of the coarse ones; their channels are the filters.
        kernel: height and width of a filter.
        stride: of both axes.
        padding: zeros on each side of the fine maps.
        transposed: whether the layer goes from coarse maps to fine ones.
    """

    fine: Shape
    coarse: Shape
    kernel: int
    stride: int
    padding: int
    transposed: bool

    @property
    def made(self) -> Shape:
        """Of what the layer makes."""
        return self.fine if self.transposed else self.coarse

    @property
    def given(self) -> Shape:
        """Of what it is given."""
        return self.coarse if self.transposed else self.fine

    @cached_property
    def fits(self) -> bool:
        """Whether filters, and what they reach, fill the vectors of a machine."""
        return tile_for(self.coarse[0]) is not None and (
            self.phased or tile_for(self.reached) is not None
        )

    @property
    def reached(self) -> int:
        """Numbers of the fine maps under one filter."""
        return self.kernel**2 * self.fine[0]

    @property
    def output_padding(self) -> int:
        """Rows of fine maps that no filter needs to reach, as PyTorch counts them."""
        return self.fine[1] - ((self.coarse[1] - 1) * self.stride - 2 * self.padding + self.kernel)

    @cached_property
    def phased(self) -> bool:
        """Whether spreading is `stride`² small convolutions: each pixel of a phase has as many
        coarse ones, and channels fill vectors.
        """
        sizes = (self.kernel, *self.fine[1:])
        return not any(size % self.stride for size in sizes) and tile_for(self.fine[0]) is not None

    @cached_property
    def paired(self) -> bool:
        """Whether neighbouring pixels can share products: two taps an axis, an even number of
        pixels in a row.
        """
        across = (self.coarse[2], self.fine[2] // self.stride)
        return self.phased and self.taps == 2 and not any(count % 2 for count in across)

    @property
    def taps(self) -> int:
        """Coarse pixels an axis that a fine pixel of a phase gets something of."""
        return self.kernel // self.stride

    @cached_property
    def fine_frame(self) -> Pair:
        """Height and width of fine maps with zeros around."""
        height, width = (
            max(fine + 2 * self.padding, (coarse - 1) * self.stride + self.kernel)
            for fine, coarse in zip(self.fine[1:], self.coarse[1:], strict=True)
        )
        return height, width

    @cached_property
    def coarse_frame(self) -> Pair:
        """Height and width of coarse maps with zeros around."""
        _, height, width = self.coarse
        return height + 2 * self.margin, width + 2 * self.margin

    @cached_property
    def margin(self) -> int:
        """Zeros on each side of the coarse maps."""
        if not self.phased:
            return 0
        reach = [
            (first, first + fine // self.stride - 1 + self.taps - coarse)
            for fine, coarse in zip(self.fine[1:], self.coarse[1:], strict=True)
            for _, first in self._axis()
        ]
        return max(0, *(-low for low, _ in reach), *(high for _, high in reach))

    def phases(self) -> list[tuple[Pair, Pair]]:
        """For the filters' rows and columns r, r + stride, ...: the first fine pixel that they
        reach, and the first coarse one that reaches it.
        """
        return [
            ((below, beside), (coarse_below, coarse_beside))
            for (below, coarse_below), (beside, coarse_beside) in product(self._axis(), repeat=2)
        ]

    def _axis(self) -> list[Pair]:
        fine = [(tap - self.padding) % self.stride for tap in range(self.stride)]
        return [
            (first, (first + self.padding - tap) // self.stride - (self.taps - 1))
            for tap, first in enumerate(fine)
        ]


@cache
def sliding(images: torch.Size, weight: torch.Size, stride: int, padding: int) -> Geometry:
    """Of a convolution of such images."""
    channels, height, width = images
    filters, _, side, _ = weight
    return Geometry(
        fine=(channels, height, width),
        coarse=(
            filters,
            (height + 2 * padding - side) // stride + 1,
            (width + 2 * padding - side) // stride + 1,
        ),
        kernel=side,
        stride=stride,
        padding=padding,
        transposed=False,
    )


@cache
def spreading(
    maps: torch.Size, weight: torch.Size, stride: int, padding: int, extra: int
) -> Geometry:
    """Of a transposed convolution of such maps."""
    filters, height, width = maps
    _, channels, side, _ = weight
    return Geometry(
        fine=(
            channels,
            (height - 1) * stride - 2 * padding + side + extra,
            (width - 1) * stride - 2 * padding + side + extra,
        ),
        coarse=(filters, height, width),
        kernel=side,
        stride=stride,
        padding=padding,
        transposed=True,
    )


def size(shape: Shape) -> int:
    """Numbers of one image's maps."""
    channels, height, width = shape
    return channels * height * width
