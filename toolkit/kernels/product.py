"""The one inner loop: rows that are gathered from memory, times a matrix.

result[write_i + f] = start[f] + sum_rl source[read_i + r * run + l * step] * matrix[r, l, f]

A convolution is this sum with the pixels of its result as rows i and the numbers under a filter as
terms (r, l); its gradient by the filters is the same sum with both exchanged. The sums of a block
of rows and columns stay in registers, and a panel of the matrix in the first cache, as in Goto and
van de Geijn, "Anatomy of high-performance matrix multiplication" (2008).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd, inf

from toolkit.kernels.llvm import COUNT, FLOAT, Code, Value

PANEL = 256  # terms of which a block of columns stays in the first cache
APART = 8192  # numbers that a panel's rows may lie apart: further ones push each other out
UNROLLED = 4
SHORT = 16  # terms that are written one by one
IN_FLIGHT = 8  # sums that a core can add to at a time
AROUND = 3  # what a block costs besides its sums, in the same unit


@dataclass(frozen=True, kw_only=True)
class Tile:
    """What the registers of a machine hold.

    Arguments:
        lanes: numbers a vector.
        vectors: of a block of columns.
        rows: of a block.
    """

    lanes: int
    vectors: int
    rows: int

    def rows_for(self, count: int) -> int:
        """Rows a block, for so many: few where the last block would lack many."""

        def cost(rows: int) -> int:
            return -(-count // rows) * (max(rows * self.vectors, IN_FLIGHT) + AROUND)

        return min(range(self.rows, 0, -1), key=cost)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Where each row is read, where it is written, and where its sums start from, if each row has
    its own such place.
    """

    read: Sequence[int]
    write: Sequence[int]
    start: Sequence[int] | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Where the numbers of one sum lie: runs that lie `run` apart, of terms `step` apart."""

    runs: int
    run: int
    length: int
    step: int

    def runs_at_a_time(self, pitch: int) -> int:
        """Runs of which a panel of the matrix is made, whose rows lie so far apart."""
        most = min(self.runs, max(1, min(PANEL, APART // pitch) // self.length))
        return max(runs for runs in range(1, most + 1) if self.runs % runs == 0)


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product to be written.

    Arguments:
        source, matrix, result: where they lie; the matrix has one row a term, in their order.
        rows: of the result.
        terms: of every sum.
        width: columns of matrix and result, a multiple of lanes times vectors.
        tile: of the machine.
        pitch: numbers from row to row of the matrix; None: its width.
        between: numbers of the matrix from the start of a run to that of the next one; None: a
            run's own.
        start: what sums start from, one number a column, or a row's own where rows say so; None:
            what the result holds.
        floor: what the result is at least; None: anything.
        negative: whether the product is taken away.
    """

    source: Value
    matrix: Value
    result: Value
    rows: Rows
    terms: Terms
    width: int
    tile: Tile
    pitch: int | None = None
    between: int | None = None
    start: Value | None = None
    floor: Value | None = None
    negative: bool = False

    def write(self, code: Code) -> None:
        """Its loops: panels of terms, blocks of columns, blocks of rows, terms."""
        tile, terms, columns = self.tile, self.terms, self.tile.lanes * self.tile.vectors
        height = tile.rows_for(len(self.rows.read))
        blocks = -(-len(self.rows.read) // height)
        # the last row stands in for rows that a block lacks: the same number is stored again
        lacking = blocks * height - len(self.rows.read)
        read, write, start = (
            code.table([*offsets, *[offsets[-1]] * lacking])
            for offsets in (self.rows.read, self.rows.write, self.rows.start or [0])
        )
        runs = terms.runs_at_a_time(self._pitch)
        panels = terms.runs // runs

        def panel(number: Value, _: list[Value]) -> Sequence[Value]:
            lowest = self._lowest(code, number, panels - 1)

            def column_block(across: Value, _: list[Value]) -> Sequence[Value]:
                column = code.total((across, columns))
                matrix = code.at(self.matrix, (number, runs * self._apart), column)

                def row_block(down: Value, _: list[Value]) -> Sequence[Value]:
                    rows = [code.total((down, height), j) for j in range(height)]
                    sources = [
                        code.at(self.source, code.look(read, one), (number, runs * terms.run))
                        for one in rows
                    ]
                    results = [code.at(self.result, code.look(write, one), column) for one in rows]
                    begun = results
                    if self.start is not None:
                        own = [code.look(start, one) if self.rows.start else 0 for one in rows]
                        begun = [
                            code.either(number, 0, code.at(self.start, at, column), place)
                            for at, place in zip(own, results, strict=True)
                        ]
                    sums = [
                        code.load(place, lanes=tile.lanes) for place in self._places(code, begun)
                    ]
                    sums = self._sums(code, sources, matrix, sums, runs)
                    for place, value in zip(self._places(code, results), sums, strict=True):
                        code.store(value if lowest is None else code.at_least(value, lowest), place)
                    return ()

                code.loop(blocks, row_block)
                return ()

            code.loop(self.width // columns, column_block)
            return ()

        code.loop(panels, panel)

    @property
    def _pitch(self) -> int:
        return self.pitch or self.width

    @property
    def _apart(self) -> int:
        return self.between or self.terms.length * self._pitch

    def _lowest(self, code: Code, panel: Value, last: int) -> Value | None:
        """The floor in the last panel, when sums are whole."""
        if self.floor is None:
            return None
        lowest = code.either(panel, last, self.floor, FLOAT(-inf))
        return code.repeat(lowest, lanes=self.tile.lanes)

    def _places(self, code: Code, rows: Sequence[Value]) -> list[Value]:
        """Where the vectors of a block lie, row after row."""
        vectors = range(self.tile.vectors)
        return [code.at(row, vector * self.tile.lanes) for row in rows for vector in vectors]

    def _sums(
        self, code: Code, sources: Sequence[Value], matrix: Value, sums: list[Value], runs: int
    ) -> list[Value]:
        """Run over the terms of a panel with all sums of a block in registers."""
        terms, unrolled = self.terms, gcd(self.terms.length, UNROLLED)

        def run(number: Value, sums: list[Value]) -> Sequence[Value]:
            def some(count: Value, sums: list[Value]) -> Sequence[Value]:
                away = code.total((number, terms.run), (count, unrolled * terms.step))
                row = code.at(matrix, (number, self._apart), (count, unrolled * self._pitch))
                for term in range(unrolled):
                    weights = [
                        code.load(place, lanes=self.tile.lanes)
                        for place in self._places(code, [code.at(row, term * self._pitch)])
                    ]
                    numbers = [code.load(code.at(one, away, term * terms.step)) for one in sources]
                    if self.negative:
                        numbers = [code.negative(one) for one in numbers]
                    factors = [code.repeat(one, lanes=self.tile.lanes) for one in numbers]
                    pairs = product(factors, weights)
                    sums = [
                        code.add_product(made, *pair)
                        for made, pair in zip(sums, pairs, strict=True)
                    ]
                return sums

            return code.loop(terms.length // unrolled, some, sums)

        if runs * terms.length > SHORT:
            return code.loop(runs, run, sums)
        for number in range(runs):
            sums = list(run(COUNT(number), sums))
        return sums
