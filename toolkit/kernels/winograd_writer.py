"""Kernels in which neighbouring pixels share products."""

from dataclasses import replace
from itertools import product

from toolkit.kernels.llvm import ZERO, Value
from toolkit.kernels.product import Product, Rows, Terms
from toolkit.kernels.winograd import add_to_pairs, differences, pair_sums, split_product
from toolkit.kernels.writer import Writer, require_tile


class WinogradWriter(Writer):
    """A kernel while it is written, for a geometry with shared products."""

    def prepare(self, weights: Value, *, transpose: bool) -> None:
        geometry = self.geometry
        run = geometry.features[0] * geometry.image[0] * (1 if transpose else geometry.stride)
        pairs = geometry.patch * geometry.features[0] // (2 * run)
        pair_sums(self.code, weights, self._buffer("tap sums"), pairs=pairs, length=run)

    def pad_image(self, image: Value, number: Value, *, relu_output: Value | None = None) -> Value:
        padded = super().pad_image(image, number, relu_output=relu_output)
        height, width = self.geometry.padded_image
        distance = self.geometry.stride * self.geometry.image[0]
        length = height * width * self.geometry.image[0] - distance
        result = self._buffer("image differences")
        differences(self.code, padded, result, length=length, distance=distance)
        return padded

    def weight_gradient(self, padded_image: Value, padded_features: Value, weights: Value) -> None:
        code, geometry = self.code, self.geometry
        filters, height, width = geometry.features
        line, tap = (
            geometry.padded_image[1] * geometry.image[0],
            geometry.stride * geometry.image[0],
        )
        feature_line, margin = geometry.padded_features[1] * filters, geometry.feature_padding
        # y + z
        pixels = code.address(padded_features, margin * (feature_line + filters))
        pairs = ((height - 1) * feature_line + width * filters) // (2 * filters)
        pair_sums(code, pixels, self._buffer("feature sums"), pairs=pairs, length=filters)
        # b * (y + z), in a buffer for both taps
        under = list(product(range(geometry.kernel), range(tap)))
        shared = Product(
            source=code.address(padded_image, tap),
            matrix=self._buffer("feature sums"),
            result=self._buffer("shared gradient"),
            rows=Rows(
                read=[y * line + x for y, x in under],
                write=[(y * tap + x) * filters for y, x in under],
            ),
            terms=Terms(runs=height, run=geometry.stride * line, length=width // 2, step=2 * tap),
            run_stride=feature_line // 2,
            width=filters,
            tile=require_tile(filters),
        )
        # + (a - b) * y
        first = replace(
            shared,
            source=self._buffer("image differences"),
            matrix=pixels,
            result=weights,
            rows=Rows(read=shared.rows.read, write=[(2 * y * tap + x) * filters for y, x in under]),
            row_stride=2 * filters,
            run_stride=feature_line,
        )
        # - (b - c) * z
        second = replace(
            first,
            source=code.address(first.source, tap),
            matrix=code.address(pixels, filters),
            result=code.address(weights, tap * filters),
            negative=True,
        )
        for part in (shared, first, second):
            part.write(code)

    def finish(self, weights: Value) -> None:
        geometry = self.geometry
        run = geometry.stride * geometry.image[0] * geometry.features[0]
        shared = self._buffer("shared gradient")
        add_to_pairs(self.code, shared, weights, pairs=geometry.kernel, length=run)

    def transpose(
        self,
        padded: Value,
        weights: Value,
        start: Value,
        image: Value,
        number: Value,
        minimum: Value | None,
    ) -> None:
        height, width = self.geometry.padded_features
        filters = self.geometry.features[0]
        length, result = (height * width - 1) * filters, self._buffer("feature differences")
        differences(self.code, padded, result, length=length, distance=filters)
        super().transpose(padded, weights, start, image, number, minimum)

    def write_product(
        self, whole: Product, *, maps: str, offset: Value = ZERO, block: Value = ZERO
    ) -> None:
        taps = whole.terms.runs * whole.terms.length * whole.width // 2
        parts = split_product(
            self.code,
            whole,
            differences=self.code.address(self._buffer(f"{maps} differences"), offset),
            tap_sums=self.code.address(self._buffer("tap sums"), (block, taps)),
        )
        for part in parts:
            part.write(self.code)
