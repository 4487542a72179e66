"""Neighbouring pixels that share a product: three products for a pair instead of four.

Two taps move along a row of numbers a, b, c, and make two pixels of them:

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
from toolkit.kernels.loops import each, lanes_for
from toolkit.kernels.product import Product, Rows


def differences(code: Code, numbers: Value, made: Value, *, length: int, apart: int) -> None:
    """Every number less the one that lies `apart` further on."""
    lanes = lanes_for(length)

    def some(part: Value) -> None:
        own, other = (
            code.load(code.at(numbers, (part, lanes), away), lanes=lanes) for away in (0, apart)
        )
        code.store(code.less(own, other), code.at(made, (part, lanes)))

    each(code, [length // lanes], some)


def sums(code: Code, numbers: Value, made: Value, *, pairs: int, length: int) -> None:
    """Of the two halves of every pair of runs of numbers."""
    lanes = lanes_for(length)

    def some(pair: Value, part: Value) -> None:
        own = [
            code.load(code.at(numbers, (pair, 2 * length), (part, lanes), half), lanes=lanes)
            for half in (0, length)
        ]
        code.store(code.add(*own), code.at(made, (pair, length), (part, lanes)))

    each(code, [pairs, length // lanes], some)


def add_to_both(code: Code, numbers: Value, made: Value, *, pairs: int, length: int) -> None:
    """Add a run of numbers to either half of a pair of them."""
    lanes = lanes_for(length)

    def some(pair: Value, part: Value) -> None:
        own = code.load(code.at(numbers, (pair, length), (part, lanes)), lanes=lanes)
        for half in (0, length):
            place = code.at(made, (pair, 2 * length), (part, lanes), half)
            code.store(code.add(code.load(place, lanes=lanes), own), place)

    each(code, [pairs, length // lanes], some)


def halves(code: Code, whole: Product, *, differences: Value, both: Value) -> list[Product]:
    """What makes the pixels of a product with two taps in every run, in three smaller ones: the
    shared one lies where the second pixel of a pair belongs until the first has been made of it.

    Arguments:
        code: that is written.
        whole: a product whose rows are pixels, one pair after the other.
        differences: of its numbers, from a tap to the next one.
        both: sums of its taps.
    """
    terms = replace(whole.terms, length=whole.terms.length // 2)
    length = terms.length * whole.width
    (left, right), (first_place, second_place) = (
        (numbers[::2], numbers[1::2]) for numbers in (whole.rows.read, whole.rows.write)
    )
    shared = replace(
        whole,
        matrix=both,
        rows=Rows(read=right, write=second_place),
        terms=terms,
        floor=None,
    )
    first = replace(
        whole,
        source=differences,
        rows=Rows(read=left, write=first_place, start=second_place),
        terms=terms,
        between=2 * length,
        start=whole.result,
    )
    second = replace(
        first,
        matrix=code.at(whole.matrix, length),
        rows=shared.rows,
        start=None,
        negative=True,
    )
    return [shared, first, second]
