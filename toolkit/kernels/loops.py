"""Loops that several kernels have: copying maps and adding up pixels."""

from collections.abc import Callable, Sequence
from functools import partial

from toolkit.kernels.llvm import Code, Value

LANES = (8, 4, 2, 1)
SUMS_IN_FLIGHT = 4


def lanes_for(length: int) -> int:
    """Largest number of lanes that divides a run of numbers.

    >>> lanes_for(12)
    4
    """
    return next(lanes for lanes in LANES if length % lanes == 0)


def nested_loops(code: Code, counts: Sequence[int | Value], body: Callable[..., None]) -> None:
    """Loops inside loops, the last count innermost; `body` gets the index of each."""

    def outermost(index: Value, _: list[Value]) -> Sequence[Value]:
        if len(counts) == 1:
            body(index)
        else:
            nested_loops(code, counts[1:], partial(body, index))
        return ()

    code.loop(counts[0], outermost)


def copy(
    code: Code,
    source: Value,
    target: Value,
    rows: int,
    length: int,
    *,
    strides: tuple[int, int],
    minimum: Value | None = None,
    relu_output: Value | None = None,
) -> None:
    """Copy rows of numbers, and apply a ReLU or its gradient on the way.

    Arguments:
        code: that is written.
        source, target: addresses of the first rows.
        rows: number of rows.
        length: numbers per row.
        strides: numbers from row to row, in the source and in the target.
        minimum: lower bound of the copies; None: no bound.
        relu_output: output of a ReLU, laid out as the source is; the copies are the gradient
            before that ReLU. None: plain copies.
    """
    lanes = lanes_for(length)
    bound = None if minimum is None else code.broadcast(minimum, lanes=lanes)

    def vector(row: Value, part: Value) -> None:
        offset = [(row, strides[0]), (part, lanes)]
        value = code.load(code.address(source, *offset), lanes=lanes)
        if bound is not None:
            value = code.maximum(value, bound)
        if relu_output is not None:
            output = code.load(code.address(relu_output, *offset), lanes=lanes)
            value = code.relu_backward(value, output)
        code.store(value, code.address(target, (row, strides[1]), (part, lanes)))

    nested_loops(code, [rows, length // lanes], vector)


def bias_gradient(
    code: Code, pixels: Value, counts: tuple[int, int], channels: int, *, line: int, sums: Value
) -> None:
    """Add all pixels up, to one number per channel.

    Arguments:
        code: that is written.
        pixels: address of the first pixel.
        counts: rows, and pixels per row.
        channels: numbers per pixel.
        line: numbers from row to row.
        sums: address of the channels' sums.
    """
    lanes = lanes_for(channels)
    vectors = channels // lanes
    # Several sums at a time, because an addition waits for the one before it
    together = next(count for count in range(SUMS_IN_FLIGHT, 0, -1) if vectors % count == 0)

    def block(number: Value) -> None:
        first_channel = [(number, together * lanes)]
        totals = [code.address(sums, *first_channel, vector * lanes) for vector in range(together)]

        def row(y: Value, partial_sums: list[Value]) -> Sequence[Value]:
            def pixel(x: Value, partial_sums: list[Value]) -> Sequence[Value]:
                first = code.address(pixels, (y, line), (x, channels), *first_channel)
                numbers = [
                    code.load(code.address(first, vector * lanes), lanes=lanes)
                    for vector in range(together)
                ]
                return [code.add(*pair) for pair in zip(partial_sums, numbers, strict=True)]

            return code.loop(counts[1], pixel, partial_sums)

        start = [code.load(address, lanes=lanes) for address in totals]
        for total, address in zip(code.loop(counts[0], row, start), totals, strict=True):
            code.store(total, address)

    nested_loops(code, [vectors // together], block)
