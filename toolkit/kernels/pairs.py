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

from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolkit.kernels.code import Code, Value
from toolkit.kernels.loops import each, lanes_for
from toolkit.kernels.product import Product, Rows, Terms, Tile


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


@dataclass(frozen=True, kw_only=True)
class Taps:
    """Pairs of pixels that two taps make, when they have moved over all of `terms`.

    Arguments:
        frame: numbers that the taps move over.
        differences: of them, from a tap to the next one.
        taps: runs of numbers for the first tap, each with one for the second behind it.
        both: their sums.
        result: where the pixels belong.
        read: where each pair's first number lies.
        write: where its first pixel belongs.
        apart: how far the second lies from the first, of what is read and of what is written.
        terms: that one tap sees.
        width: columns of the taps.
        tile: of the machine.
        start: one number a column that sums start from.
        floor: what the result is at least; None: anything.
    """

    frame: Value
    differences: Value
    taps: Value
    both: Value
    result: Value
    read: Sequence[int]
    write: Sequence[int]
    apart: tuple[int, int]
    terms: Terms
    width: int
    tile: Tile
    start: Value
    floor: Value | None

    def write_to(self, code: Code) -> None:
        """Three products: the shared one lies where the second pixel belongs until the first
        one has been made of it.
        """
        length = self.terms.length * self.width
        read, write = (
            [at + apart for at in first]
            for first, apart in zip((self.read, self.write), self.apart, strict=True)
        )
        shared = Product(
            source=self.frame,
            matrix=self.both,
            result=self.result,
            rows=Rows(read=read, write=write),
            terms=self.terms,
            width=self.width,
            tile=self.tile,
            start=self.start,
        )
        first = replace(
            shared,
            source=self.differences,
            matrix=self.taps,
            rows=Rows(read=self.read, write=self.write, start=write),
            between=2 * length,
            start=self.result,
            floor=self.floor,
        )
        second = replace(
            first,
            matrix=code.at(self.taps, length),
            rows=shared.rows,
            start=None,
            negative=True,
        )
        for one in (shared, first, second):
            one.write(code)
