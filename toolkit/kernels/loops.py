"""Loops that several kernels have: copying and summing."""

from collections.abc import Callable, Sequence
from functools import partial

from toolkit.kernels.llvm import Code, Value

LANES = (8, 4, 2, 1)
AT_A_TIME = 4


def lanes_for(length: int) -> int:
    """The most lanes that a run of numbers is a multiple of."""
    return next(lanes for lanes in LANES if length % lanes == 0)


def each(code: Code, counts: Sequence[int | Value], body: Callable[..., None]) -> None:
    """Loops in loops, the last count innermost; `body` gets a position for each."""

    def one(position: Value, _: list[Value]) -> Sequence[Value]:
        if len(counts) == 1:
            body(position)
        else:
            each(code, counts[1:], partial(body, position))
        return ()

    code.loop(counts[0], one)


def copy(
    code: Code,
    source: Value,
    target: Value,
    rows: int,
    length: int,
    *,
    apart: tuple[int, int],
    floor: Value | None = None,
    by: Value | None = None,
) -> None:
    """Copy rows of numbers that lie so far apart here and there.

    Arguments:
        code: that is written.
        source, target: where the first rows lie.
        rows: how many.
        length: of a row.
        apart: from row to row, in the source and in the target.
        floor: what the copies are at least.
        by: what a ReLU gave, laid out as the source; the copies are masked by it.
    """
    lanes = lanes_for(length)
    lowest = None if floor is None else code.repeat(floor, lanes=lanes)

    def some(row: Value, part: Value) -> None:
        own = [(row, apart[0]), (part, lanes)]
        value = code.load(code.at(source, *own), lanes=lanes)
        if lowest is not None:
            value = code.at_least(value, lowest)
        if by is not None:
            value = code.masked(value, code.load(code.at(by, *own), lanes=lanes))
        code.store(value, code.at(target, (row, apart[1]), (part, lanes)))

    each(code, [rows, length // lanes], some)


def tally(
    code: Code, pixels: Value, counts: tuple[int, int], channels: int, *, line: int, sums: Value
) -> None:
    """Add every pixel to one number a channel.

    Arguments:
        code: that is written.
        pixels: where the first one lies.
        counts: of rows and of pixels in a row.
        channels: numbers of a pixel.
        line: numbers from row to row.
        sums: where those of the channels lie.
    """
    lanes = lanes_for(channels)
    blocks = channels // lanes
    # several at a time, because each sum has to wait for the one before
    together = next(count for count in range(AT_A_TIME, 0, -1) if blocks % count == 0)

    def some(number: Value) -> None:
        own = [(number, together * lanes)]
        places = [code.at(sums, *own, block * lanes) for block in range(together)]

        def row(y: Value, so_far: list[Value]) -> Sequence[Value]:
            def pixel(x: Value, so_far: list[Value]) -> Sequence[Value]:
                first = code.at(pixels, (y, line), (x, channels), *own)
                numbers = [
                    code.load(code.at(first, block * lanes), lanes=lanes)
                    for block in range(together)
                ]
                return [code.add(*pair) for pair in zip(so_far, numbers, strict=True)]

            return code.loop(counts[1], pixel, so_far)

        totals = code.loop(counts[0], row, [code.load(place, lanes=lanes) for place in places])
        for total, place in zip(totals, places, strict=True):
            code.store(total, place)

    each(code, [blocks // together], some)
