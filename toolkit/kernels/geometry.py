"""Shapes and offsets of a (transposed) convolution."""

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import torch

from toolkit.kernels.machine import tile_for

Pair = tuple[int, int]
Shape = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Of a convolution from image maps to feature maps, or of its transpose.

    Maps are channels last. Both kinds are copied into buffers with zeros around them, where every
    filter finds its numbers at constant distances from its pixel.

    Arguments:
        image: channels, height, width of the image maps.
        features: of the feature maps; their channels are the filters.
        kernel: height and width of a filter.
        stride: of both axes.
        padding: zeros on each side of the image maps.
        transposed: whether the layer goes from feature maps to image maps.
    """

    image: Shape
    features: Shape
    kernel: int
    stride: int
    padding: int
    transposed: bool

    @property
    def output(self) -> Shape:
        """Shape of the layer's output for one image."""
        return self.image if self.transposed else self.features

    @property
    def input(self) -> Shape:
        """Shape of the layer's input for one image."""
        return self.features if self.transposed else self.image

    @cached_property
    def fills_vectors(self) -> bool:
        """Whether filters, and patches where they are written, fill this CPU's vectors."""
        return tile_for(self.features[0]) is not None and (
            self.phased or tile_for(self.patch) is not None
        )

    @property
    def patch(self) -> int:
        """Numbers of the image maps under one filter."""
        return self.kernel**2 * self.image[0]

    @property
    def output_padding(self) -> int:
        """Rows of image maps that no filter needs to reach, as PyTorch counts them."""
        spanned = (self.features[1] - 1) * self.stride - 2 * self.padding + self.kernel
        return self.image[1] - spanned

    @cached_property
    def phased(self) -> bool:
        """Whether the transpose splits into `stride`² small convolutions, one per phase of image
        pixels: every pixel then gets the same number of feature pixels, and channels fill vectors.
        """
        sizes = (self.kernel, *self.image[1:])
        return not any(size % self.stride for size in sizes) and tile_for(self.image[0]) is not None

    @cached_property
    def winograd(self) -> bool:
        """Whether neighbouring pixels can share products: two taps per axis, and an even number of
        pixels per row.
        """
        widths = (self.features[2], self.image[2] // self.stride)
        return self.phased and self.taps == 2 and not any(width % 2 for width in widths)

    @property
    def taps(self) -> int:
        """Feature pixels per axis that contribute to an image pixel of one phase."""
        return self.kernel // self.stride

    @cached_property
    def padded_image(self) -> Pair:
        """Height and width of image maps with zeros around them."""
        height, width = (
            max(image + 2 * self.padding, (features - 1) * self.stride + self.kernel)
            for image, features in zip(self.image[1:], self.features[1:], strict=True)
        )
        return height, width

    @cached_property
    def padded_features(self) -> Pair:
        """Height and width of feature maps with zeros around them."""
        _, height, width = self.features
        return height + 2 * self.feature_padding, width + 2 * self.feature_padding

    @cached_property
    def feature_padding(self) -> int:
        """Zeros on each side of the feature maps."""
        if not self.phased:
            return 0
        # First and last feature pixel that some image pixel reads, beyond either end
        reach = [
            (first, first + image // self.stride - 1 + self.taps - features)
            for image, features in zip(self.image[1:], self.features[1:], strict=True)
            for _, first in self._axis_phases()
        ]
        return max(0, *(-low for low, _ in reach), *(high for _, high in reach))

    def phases(self) -> list[tuple[Pair, Pair]]:
        """For each pair of filter rows and columns (r, r + stride, ...): row and column of the
        first image pixel that they reach, and of the first feature pixel that reaches it.
        """
        return [
            ((row, column), (feature_row, feature_column))
            for (row, feature_row), (column, feature_column) in product(
                self._axis_phases(), repeat=2
            )
        ]

    def _axis_phases(self) -> list[Pair]:
        pixels = [(tap - self.padding) % self.stride for tap in range(self.stride)]
        return [
            (pixel, (pixel + self.padding - tap) // self.stride - (self.taps - 1))
            for tap, pixel in enumerate(pixels)
        ]


@cache
def convolution_geometry(
    images: torch.Size, weight: torch.Size, stride: int, padding: int
) -> Geometry:
    """Geometry of a convolution, from the shapes of one image and of the weights (f, c, k, k)."""
    channels, height, width = images
    filters, _, side, _ = weight
    return Geometry(
        image=(channels, height, width),
        features=(
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
def transposed_geometry(
    maps: torch.Size, weight: torch.Size, stride: int, padding: int, output_padding: int
) -> Geometry:
    """Geometry of a transposed convolution, from the shapes of one image's feature maps and of the
    weights (f, c, k, k).
    """
    filters, height, width = maps
    _, channels, side, _ = weight
    return Geometry(
        image=(
            channels,
            (height - 1) * stride - 2 * padding + side + output_padding,
            (width - 1) * stride - 2 * padding + side + output_padding,
        ),
        features=(filters, height, width),
        kernel=side,
        stride=stride,
        padding=padding,
        transposed=True,
    )


def numel(shape: Shape) -> int:
    """Numbers in one image's maps.

    >>> numel((3, 4, 5))
    60
    """
    channels, height, width = shape
    return channels * height * width
