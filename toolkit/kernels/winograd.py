"""Products shared by neighbouring pixels: three per pair of pixels instead of four.

A filter with two taps moves along a row of numbers a, b, c and makes two pixels:

    a * first + b * second = b * (first + second) + (a - b) * first
    b * first + c * second = b * (first + second) - (b - c) * second

The gradients of the taps, from those of the two pixels, y and z:

    first:   a * y + b * z = b * (y + z) + (a - b) * y
    second:  b * y + c * z = b * (y + z) - (b - c) * z

F(2, 2) of Winograd, as in Lavin and Gray, "Fast algorithms for convolutional neural networks"
(2016), https://arxiv.org/abs/1509.09308.
"""

from dataclasses import replace

from toolkit.kernels.llvm import Code, Value
from toolkit.kernels.loops import lanes_for, nested_loops
from toolkit.kernels.product import Product, Rows


def differences(code: Code, numbers: Value, result: Value, *, length: int, distance: int) -> None:
    """Write number[i] - number[i + distance] for `length` numbers."""
    lanes = lanes_for(length)

    def vector(part: Value) -> None:
        left, right = (
            code.load(code.address(numbers, (part, lanes), offset), lanes=lanes)
            for offset in (0, distance)
        )
        code.store(code.subtract(left, right), code.address(result, (part, lanes)))

    nested_loops(code, [length // lanes], vector)


def pair_sums(code: Code, numbers: Value, result: Value, *, pairs: int, length: int) -> None:
    """Write the sum of the two runs of each pair; a run has `length` numbers."""
    lanes = lanes_for(length)

    def vector(pair: Value, part: Value) -> None:
        runs = [
            code.load(code.address(numbers, (pair, 2 * length), (part, lanes), offset), lanes=lanes)
            for offset in (0, length)
        ]
        code.store(code.add(*runs), code.address(result, (pair, length), (part, lanes)))

    nested_loops(code, [pairs, length // lanes], vector)


def add_to_pairs(code: Code, numbers: Value, result: Value, *, pairs: int, length: int) -> None:
    """Add one run of numbers to both runs of each pair in the result."""
    lanes = lanes_for(length)

    def vector(pair: Value, part: Value) -> None:
        shared = code.load(code.address(numbers, (pair, length), (part, lanes)), lanes=lanes)
        for offset in (0, length):
            address = code.address(result, (pair, 2 * length), (part, lanes), offset)
            code.store(code.add(code.load(address, lanes=lanes), shared), address)

    nested_loops(code, [pairs, length // lanes], vector)


def split_product(
    code: Code, whole: Product, *, differences: Value, tap_sums: Value
) -> list[Product]:
    """The three products that make the pixels of a product with two taps per run. The shared one
    stays where the second pixel of a pair belongs until the first pixel has been made from it.

    Arguments:
        code: that is written.
        whole: a product whose rows are pixels, one pair after the other.
        differences: address of the differences of its numbers, from a tap to the next one.
        tap_sums: address of the sums of its two taps.
    """
    terms = replace(whole.terms, length=whole.terms.length // 2)
    length = terms.length * whole.width
    (left, right), (first_write, second_write) = (
        (offsets[::2], offsets[1::2]) for offsets in (whole.rows.read, whole.rows.write)
    )
    # b * (first + second)
    shared = replace(
        whole,
        matrix=tap_sums,
        rows=Rows(read=right, write=second_write),
        terms=terms,
        minimum=None,
    )
    # + (a - b) * first
    first = replace(
        whole,
        source=differences,
        rows=Rows(read=left, write=first_write, start=second_write),
        terms=terms,
        run_stride=2 * length,
        start=whole.result,
    )
    # - (b - c) * second
    second = replace(
        first,
        matrix=code.address(whole.matrix, length),
        rows=shared.rows,
        start=None,
        negative=True,
    )
    return [shared, first, second]
