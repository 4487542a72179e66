"""Sliding, spreading and weighing where neighbouring pixels share products."""

from dataclasses import replace
from itertools import product

from toolkit.kernels.llvm import NOUGHT, Value
from toolkit.kernels.product import Product, Rows, Terms
from toolkit.kernels.winograd import add_to_both, differences, halves, sums
from toolkit.kernels.writer import Writer, tile_of


class PairedWriter(Writer):
    """A kernel that is being written for a geometry with pairs."""

    def prepare(self, weights: Value, *, spread: bool) -> None:
        geometry = self.geometry
        run = geometry.coarse[0] * geometry.fine[0] * (1 if spread else geometry.stride)
        pairs = geometry.reached * geometry.coarse[0] // (2 * run)
        sums(self.code, weights, self._place("both taps"), pairs=pairs, length=run)

    def frame_fine(self, fine: Value, image: Value, *, by: Value | None = None) -> Value:
        frame = super().frame_fine(fine, image, by=by)
        tall, wide = self.geometry.fine_frame
        apart = self.geometry.stride * self.geometry.fine[0]
        length = tall * wide * self.geometry.fine[0] - apart
        made = self._place("fine differences")
        differences(self.code, frame, made, length=length, apart=apart)
        return frame

    def weigh(self, fine_frame: Value, coarse_frame: Value, weights: Value) -> None:
        code, geometry, (filters, height, width) = self.code, self.geometry, self.geometry.coarse
        line, tap = geometry.fine_frame[1] * geometry.fine[0], geometry.stride * geometry.fine[0]
        across, margin = geometry.coarse_frame[1] * filters, geometry.margin
        pixels = code.at(coarse_frame, margin * (across + filters))
        frame_pairs = ((height - 1) * across + width * filters) // (2 * filters)
        sums(code, pixels, self._place("coarse sums"), pairs=frame_pairs, length=filters)
        under = list(product(range(geometry.kernel), range(tap)))
        shared = Product(
            source=code.at(fine_frame, tap),
            matrix=self._place("coarse sums"),
            result=self._place("both gradients"),
            rows=Rows(
                read=[y * line + x for y, x in under],
                write=[(y * tap + x) * filters for y, x in under],
            ),
            terms=Terms(runs=height, run=geometry.stride * line, length=width // 2, step=2 * tap),
            between=across // 2,
            width=filters,
            tile=tile_of(filters),
        )
        first = replace(
            shared,
            source=self._place("fine differences"),
            matrix=pixels,
            result=weights,
            rows=Rows(read=shared.rows.read, write=[(2 * y * tap + x) * filters for y, x in under]),
            pitch=2 * filters,
            between=across,
        )
        second = replace(
            first,
            source=code.at(first.source, tap),
            matrix=code.at(pixels, filters),
            result=code.at(weights, tap * filters),
            negative=True,
        )
        for one in (shared, first, second):
            one.write(code)

    def finish(self, weights: Value) -> None:
        geometry = self.geometry
        run = geometry.stride * geometry.fine[0] * geometry.coarse[0]
        shared = self._place("both gradients")
        add_to_both(self.code, shared, weights, pairs=geometry.kernel, length=run)

    def spread(
        self,
        frame: Value,
        weights: Value,
        start: Value,
        fine: Value,
        image: Value,
        floor: Value | None,
    ) -> None:
        height, width = self.geometry.coarse_frame
        filters = self.geometry.coarse[0]
        length, made = (height * width - 1) * filters, self._place("coarse differences")
        differences(self.code, frame, made, length=length, apart=filters)
        super().spread(frame, weights, start, fine, image, floor)

    def _move(
        self, whole: Product, *, over: str, away: Value = NOUGHT, block: Value = NOUGHT
    ) -> None:
        taps = whole.terms.runs * whole.terms.length * whole.width // 2
        for one in halves(
            self.code,
            whole,
            differences=self.code.at(self._place(f"{over} differences"), away),
            both=self.code.at(self._place("both taps"), (block, taps)),
        ):
            one.write(self.code)
