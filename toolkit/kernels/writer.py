"""What is done with the maps of one image: framing, sliding, spreading, weighing."""

from collections.abc import Callable, Sequence
from itertools import product

from llvmlite import ir

from toolkit.kernels.buffers import place_of
from toolkit.kernels.geometry import Geometry, Shape, size
from toolkit.kernels.llvm import NOUGHT, Code, Value
from toolkit.kernels.loops import copy, each, lanes_for, tally
from toolkit.kernels.machine import Kernel, tile_for
from toolkit.kernels.product import Product, Rows, Terms, Tile


class Writer:
    """A kernel that is being written.

    Arguments:
        geometry: of the convolution.
        arguments: types of the kernel's arguments.
    """

    def __init__(self, geometry: Geometry, arguments: Sequence[ir.Type]) -> None:
        self.geometry = geometry
        self.code = Code(arguments)
        *self.arguments, self._scratch, self._images = self.code.arguments

    def kernel(
        self, body: Callable[[Value], None], *, after: Callable[[], None] | None = None
    ) -> Kernel:
        """Do the same for every image, then once what comes after, and compile."""
        each(self.code, [self._images], body)
        if after is not None:
            after()
        return Kernel(self.code)

    def prepare(self, weights: Value, *, spread: bool) -> None:
        """What is done once, before all images, with the weights of sliding or spreading."""

    def finish(self, weights: Value) -> None:
        """What is done once, after all images, to the gradient of the weights."""

    def frame_fine(self, fine: Value, image: Value, *, by: Value | None = None) -> Value:
        """Fine maps in a frame of zeros, masked by what a ReLU gave; where the frame starts."""
        geometry, frame = self.geometry, self._place("fine frame")
        across = geometry.fine_frame[1]
        return self._framed(fine, image, geometry.fine, frame, geometry.padding, across, by)

    def frame_coarse(self, coarse: Value, image: Value, *, by: Value | None = None) -> Value:
        """The same for coarse maps."""
        geometry, frame = self.geometry, self._place("coarse frame")
        across = geometry.coarse_frame[1]
        return self._framed(coarse, image, geometry.coarse, frame, geometry.margin, across, by)

    def slide(
        self,
        frame: Value,
        weights: Value,
        start: Value,
        coarse: Value,
        image: Value,
        floor: Value | None,
    ) -> None:
        """From framed fine maps to coarse ones."""
        geometry, (filters, height, width) = self.geometry, self.geometry.coarse
        channels, step = geometry.fine[0], geometry.stride
        line = geometry.fine_frame[1] * channels
        pixels = list(product(range(height), range(width)))
        whole = Product(
            source=frame,
            matrix=weights,
            result=self.code.at(coarse, (image, size(geometry.coarse))),
            rows=Rows(
                read=[step * (y * line + x * channels) for y, x in pixels],
                write=[(y * width + x) * filters for y, x in pixels],
            ),
            terms=Terms(runs=geometry.kernel, run=line, length=geometry.kernel * channels, step=1),
            width=filters,
            tile=tile_of(filters),
            start=start,
            floor=floor,
        )
        self._move(whole, over="fine")

    def weigh(self, fine_frame: Value, coarse_frame: Value, weights: Value) -> None:
        """Add an image's part to the gradient of the weights (k, k, c, f)."""
        geometry, (filters, height, width) = self.geometry, self.geometry.coarse
        channels, step = geometry.fine[0], geometry.stride
        line = geometry.fine_frame[1] * channels
        across = geometry.coarse_frame[1]
        under = product(range(geometry.kernel), range(geometry.kernel * channels))
        Product(
            source=fine_frame,
            matrix=self.code.at(coarse_frame, geometry.margin * (across + 1) * filters),
            result=weights,
            rows=Rows(
                read=[y * line + x for y, x in under],
                write=range(0, geometry.reached * filters, filters),
            ),
            terms=Terms(runs=height, run=step * line, length=width, step=step * channels),
            between=across * filters,
            width=filters,
            tile=tile_of(filters),
        ).write(self.code)

    def spread(
        self,
        frame: Value,
        weights: Value,
        start: Value,
        fine: Value,
        image: Value,
        floor: Value | None,
    ) -> None:
        """From framed coarse maps to fine ones."""
        result = self.code.at(fine, (image, size(self.geometry.fine)))
        if self.geometry.phased:
            self._spread_phases(frame, weights, start, result, floor)
        else:
            self._spread_columns(frame, weights, start, result, floor)

    def tally_fine(self, frame: Value, sums: Value) -> None:
        """Add framed fine maps to one number a channel."""
        geometry = self.geometry
        self._tallied(frame, geometry.fine, geometry.padding, geometry.fine_frame[1], sums)

    def tally_coarse(self, frame: Value, sums: Value) -> None:
        """Add framed coarse maps to one number a filter."""
        geometry = self.geometry
        self._tallied(frame, geometry.coarse, geometry.margin, geometry.coarse_frame[1], sums)

    def _spread_phases(
        self, frame: Value, weights: Value, start: Value, result: Value, floor: Value | None
    ) -> None:
        """Each phase of fine pixels is a small convolution of coarse ones."""
        code, geometry = self.code, self.geometry
        (channels, height, width), filters = geometry.fine, geometry.coarse[0]
        step, taps, margin = geometry.stride, geometry.taps, geometry.margin
        line = geometry.coarse_frame[1] * filters
        pixels = list(product(range(height // step), range(width // step)))
        phases = geometry.phases()
        written = code.table([(y * width + x) * channels for (y, x), _ in phases])
        read = code.table([(y + margin) * line + (x + margin) * filters for _, (y, x) in phases])

        def phase(which: Value) -> None:
            away = code.look(read, which)
            whole = Product(
                source=code.at(frame, away),
                matrix=code.at(weights, (which, taps * taps * filters * channels)),
                result=code.at(result, code.look(written, which)),
                rows=Rows(
                    read=[y * line + x * filters for y, x in pixels],
                    write=[step * (y * width + x) * channels for y, x in pixels],
                ),
                terms=Terms(runs=taps, run=line, length=taps * filters, step=1),
                width=channels,
                tile=tile_of(channels),
                start=start,
                floor=floor,
            )
            self._move(whole, over="coarse", away=away, block=which)

        each(code, [len(phases)], phase)

    def _spread_columns(
        self,
        frame: Value,
        weights: Value,
        start: Value,
        result: Value,
        floor: Value | None,
    ) -> None:
        """Each coarse pixel is turned into all that it adds under its filters, then that is added
        up: for few channels.
        """
        code, geometry = self.code, self.geometry
        (channels, height, width), (filters, below, across) = geometry.fine, geometry.coarse
        reached, run = geometry.reached, geometry.kernel * channels
        tall, wide = geometry.fine_frame
        line, step = wide * channels, geometry.stride
        columns, made = self._place("columns"), self._place("added up")
        Product(
            source=frame,
            matrix=weights,
            result=columns,
            rows=Rows(
                read=range(0, size(geometry.coarse), filters),
                write=range(0, below * across * reached, reached),
            ),
            terms=Terms(runs=1, run=0, length=filters, step=1),
            width=reached,
            tile=tile_of(reached),
            start=code.zeros(reached),
        ).write(code)

        def begin(pixel: Value, channel: Value) -> None:
            place = code.at(made, (pixel, channels), channel)
            code.store(code.load(code.at(start, channel)), place)

        lanes = lanes_for(run)

        def add(x: Value, tap: Value, y: Value, part: Value) -> None:
            place = code.at(
                made, (y, step * line), (x, step * channels), (tap, line), (part, lanes)
            )
            own = code.at(columns, (y, across * reached), (x, reached), (tap, run), (part, lanes))
            total = code.add(code.load(place, lanes=lanes), code.load(own, lanes=lanes))
            code.store(total, place)

        each(code, [tall * wide, channels], begin)
        # down a column, because a load that overlaps the store before it has to wait
        each(code, [across, geometry.kernel, below, run // lanes], add)
        inside = code.at(made, geometry.padding * (line + channels))
        copy(
            code,
            inside,
            result,
            height,
            width * channels,
            apart=(line, width * channels),
            floor=floor,
        )

    def _move(
        self, whole: Product, *, over: str, away: Value = NOUGHT, block: Value = NOUGHT
    ) -> None:
        """Make pixels: filters move over fine or coarse maps, from so far into their frame, with
        the weights of such a block.
        """
        del over, away, block
        whole.write(self.code)

    def _place(self, part: str) -> Value:
        """Where a part of the scratch lies."""
        return self.code.at(self._scratch, place_of(part, self.geometry))

    def _framed(
        self,
        maps: Value,
        image: Value,
        shape: Shape,
        frame: Value,
        border: int,
        across: int,
        by: Value | None,
    ) -> Value:
        channels, height, width = shape
        own = (image, size(shape))
        copy(
            self.code,
            self.code.at(maps, own),
            self.code.at(frame, border * (across + 1) * channels),
            height,
            width * channels,
            apart=(width * channels, across * channels),
            by=None if by is None else self.code.at(by, own),
        )
        return frame

    def _tallied(self, frame: Value, shape: Shape, border: int, across: int, sums: Value) -> None:
        channels, height, width = shape
        inside = self.code.at(frame, border * (across + 1) * channels)
        tally(self.code, inside, (height, width), channels, line=across * channels, sums=sums)


def tile_of(width: int) -> Tile:
    """How to block a product so many columns wide.

    Raises:
        ValueError: there is none.
    """
    tile = tile_for(width)
    if tile is None:
        raise ValueError(f"{width} columns do not fill vectors")
    return tile
