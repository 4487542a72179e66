"""What a kernel does with one image: padding, convolving, transposing, gradients."""

from collections.abc import Callable, Sequence
from itertools import product

from llvmlite import ir

from toolkit.kernels.buffers import buffer_offset
from toolkit.kernels.geometry import Geometry, Shape, numel
from toolkit.kernels.llvm import ZERO, Code, Value
from toolkit.kernels.loops import bias_gradient, copy, lanes_for, nested_loops
from toolkit.kernels.machine import Kernel, tile_for
from toolkit.kernels.product import Product, Rows, Terms, Tile


class Writer:
    """A kernel while it is written.

    Arguments:
        geometry: of the convolution.
        arguments: types of the kernel's arguments; the last two are scratch memory and the number
            of images.
    """

    def __init__(self, geometry: Geometry, arguments: Sequence[ir.Type]) -> None:
        self.geometry = geometry
        self.code = Code(arguments)
        *self.arguments, self._scratch, self._images = self.code.arguments

    def compile(
        self, body: Callable[[Value], None], *, after: Callable[[], None] | None = None
    ) -> Kernel:
        """Write `body` for every image and `after` once at the end, and compile the kernel."""
        nested_loops(self.code, [self._images], body)
        if after is not None:
            after()
        return Kernel(self.code)

    def prepare(self, weights: Value, *, transpose: bool) -> None:
        """Write what is done with the weights once, before the images."""

    def finish(self, weights: Value) -> None:
        """Write what is done with the gradient of the weights once, after the images."""

    def pad_image(self, image: Value, number: Value, *, relu_output: Value | None = None) -> Value:
        """Copy image maps between zeros, through the gradient of a ReLU if there was one.

        Returns:
            The address of the padded maps.
        """
        geometry, padded = self.geometry, self._buffer("padded image")
        width = geometry.padded_image[1]
        return self._pad(
            image, number, geometry.image, padded, geometry.padding, width, relu_output
        )

    def pad_features(
        self, features: Value, number: Value, *, relu_output: Value | None = None
    ) -> Value:
        """The same for feature maps."""
        geometry, padded = self.geometry, self._buffer("padded features")
        width = geometry.padded_features[1]
        margin = geometry.feature_padding
        return self._pad(features, number, geometry.features, padded, margin, width, relu_output)

    def convolve(
        self,
        padded: Value,
        weights: Value,
        start: Value,
        features: Value,
        number: Value,
        minimum: Value | None,
    ) -> None:
        """From padded image maps to feature maps."""
        geometry, (filters, height, width) = self.geometry, self.geometry.features
        channels, stride = geometry.image[0], geometry.stride
        line = geometry.padded_image[1] * channels
        pixels = list(product(range(height), range(width)))
        whole = Product(
            source=padded,
            matrix=weights,
            result=self.code.address(features, (number, numel(geometry.features))),
            rows=Rows(
                read=[stride * (y * line + x * channels) for y, x in pixels],
                write=[(y * width + x) * filters for y, x in pixels],
            ),
            terms=Terms(runs=geometry.kernel, run=line, length=geometry.kernel * channels, step=1),
            width=filters,
            tile=require_tile(filters),
            start=start,
            minimum=minimum,
        )
        self.write_product(whole, maps="image")

    def weight_gradient(self, padded_image: Value, padded_features: Value, weights: Value) -> None:
        """Add one image's part to the gradient of the weights (k, k, c, f)."""
        geometry, (filters, height, width) = self.geometry, self.geometry.features
        channels, stride = geometry.image[0], geometry.stride
        line = geometry.padded_image[1] * channels
        feature_width, margin = geometry.padded_features[1], geometry.feature_padding
        under = product(range(geometry.kernel), range(geometry.kernel * channels))
        Product(
            source=padded_image,
            matrix=self.code.address(padded_features, margin * (feature_width + 1) * filters),
            result=weights,
            rows=Rows(
                read=[y * line + x for y, x in under],
                write=range(0, geometry.patch * filters, filters),
            ),
            terms=Terms(runs=height, run=stride * line, length=width, step=stride * channels),
            run_stride=feature_width * filters,
            width=filters,
            tile=require_tile(filters),
        ).write(self.code)

    def transpose(
        self,
        padded: Value,
        weights: Value,
        start: Value,
        image: Value,
        number: Value,
        minimum: Value | None,
    ) -> None:
        """From padded feature maps to image maps."""
        result = self.code.address(image, (number, numel(self.geometry.image)))
        if self.geometry.phased:
            self._transpose_by_phases(padded, weights, start, result, minimum)
        else:
            self._transpose_by_columns(padded, weights, start, result, minimum)

    def image_bias_gradient(self, padded: Value, sums: Value) -> None:
        """Add padded image maps up, to one number per channel."""
        geometry = self.geometry
        width = geometry.padded_image[1]
        self._bias_gradient(padded, geometry.image, geometry.padding, width, sums)

    def feature_bias_gradient(self, padded: Value, sums: Value) -> None:
        """Add padded feature maps up, to one number per filter."""
        geometry = self.geometry
        width = geometry.padded_features[1]
        self._bias_gradient(padded, geometry.features, geometry.feature_padding, width, sums)

    def _transpose_by_phases(
        self, padded: Value, weights: Value, start: Value, result: Value, minimum: Value | None
    ) -> None:
        """Each phase of image pixels is a small convolution of feature pixels."""
        code, geometry = self.code, self.geometry
        (channels, height, width), filters = geometry.image, geometry.features[0]
        stride, taps, margin = geometry.stride, geometry.taps, geometry.feature_padding
        line = geometry.padded_features[1] * filters
        pixels = list(product(range(height // stride), range(width // stride)))
        # First pixel of each phase, in the result and in the padded features
        phases = geometry.phases()
        write = code.offset_table([(y * width + x) * channels for (y, x), _ in phases])
        read = code.offset_table(
            [(y + margin) * line + (x + margin) * filters for _, (y, x) in phases]
        )

        def phase(index: Value) -> None:
            offset = code.load_offset(read, index)
            whole = Product(
                source=code.address(padded, offset),
                matrix=code.address(weights, (index, taps * taps * filters * channels)),
                result=code.address(result, code.load_offset(write, index)),
                rows=Rows(
                    read=[y * line + x * filters for y, x in pixels],
                    write=[stride * (y * width + x) * channels for y, x in pixels],
                ),
                terms=Terms(runs=taps, run=line, length=taps * filters, step=1),
                width=channels,
                tile=require_tile(channels),
                start=start,
                minimum=minimum,
            )
            self.write_product(whole, maps="feature", offset=offset, block=index)

        nested_loops(code, [len(phases)], phase)

    def _transpose_by_columns(
        self, padded: Value, weights: Value, start: Value, result: Value, minimum: Value | None
    ) -> None:
        """Each feature pixel makes a column, all that it adds to the patch under its filters; then
        the columns are added up. For few channels.
        """
        code, geometry = self.code, self.geometry
        (channels, height, width), (filters, rows, row_length) = geometry.image, geometry.features
        patch, run = geometry.patch, geometry.kernel * channels
        padded_height, padded_width = geometry.padded_image
        line, stride = padded_width * channels, geometry.stride
        columns, sums = self._buffer("columns"), self._buffer("overlap sums")
        # Columns: feature pixels times filters
        Product(
            source=padded,
            matrix=weights,
            result=columns,
            rows=Rows(
                read=range(0, numel(geometry.features), filters),
                write=range(0, rows * row_length * patch, patch),
            ),
            terms=Terms(runs=1, run=0, length=filters, step=1),
            width=patch,
            tile=require_tile(patch),
            start=code.zeros(patch),
        ).write(code)

        def begin(pixel: Value, channel: Value) -> None:
            address = code.address(sums, (pixel, channels), channel)
            code.store(code.load(code.address(start, channel)), address)

        lanes = lanes_for(run)

        def add(x: Value, tap: Value, y: Value, part: Value) -> None:
            address = code.address(
                sums, (y, stride * line), (x, stride * channels), (tap, line), (part, lanes)
            )
            column = code.address(
                columns, (y, row_length * patch), (x, patch), (tap, run), (part, lanes)
            )
            total = code.add(code.load(address, lanes=lanes), code.load(column, lanes=lanes))
            code.store(total, address)

        # Overlapping sums, from the bias; y inside, because a load that overlaps the store before
        # it has to wait
        nested_loops(code, [padded_height * padded_width, channels], begin)
        nested_loops(code, [row_length, geometry.kernel, rows, run // lanes], add)
        # Image without its padding
        copy(
            code,
            code.address(sums, geometry.padding * (line + channels)),
            result,
            height,
            width * channels,
            strides=(line, width * channels),
            minimum=minimum,
        )

    def write_product(
        self, whole: Product, *, maps: str, offset: Value = ZERO, block: Value = ZERO
    ) -> None:
        """Write the product that makes pixels.

        Arguments:
            whole: the product.
            maps: "image" or "feature", the maps that filters move over.
            offset: of the first number in the padded maps.
            block: index of the block of weights.
        """
        del maps, offset, block
        whole.write(self.code)

    def _buffer(self, name: str) -> Value:
        """Address of a buffer in the scratch memory."""
        return self.code.address(self._scratch, buffer_offset(name, self.geometry))

    def _pad(
        self,
        maps: Value,
        number: Value,
        shape: Shape,
        padded: Value,
        margin: int,
        padded_width: int,
        relu_output: Value | None,
    ) -> Value:
        channels, height, width = shape
        image = (number, numel(shape))
        copy(
            self.code,
            self.code.address(maps, image),
            self.code.address(padded, margin * (padded_width + 1) * channels),
            height,
            width * channels,
            strides=(width * channels, padded_width * channels),
            relu_output=None if relu_output is None else self.code.address(relu_output, image),
        )
        return padded

    def _bias_gradient(
        self, padded: Value, shape: Shape, margin: int, padded_width: int, sums: Value
    ) -> None:
        channels, height, width = shape
        inside = self.code.address(padded, margin * (padded_width + 1) * channels)
        line = padded_width * channels
        bias_gradient(self.code, inside, (height, width), channels, line=line, sums=sums)


def require_tile(width: int) -> Tile:
    """How to divide a product with `width` columns.

    Raises:
        ValueError: the columns fill no vectors.
    """
    tile = tile_for(width)
    if tile is None:
        raise ValueError(f"{width} columns do not fill vectors")
    return tile
