"""The inner loop of everything: rows gathered from memory, times a matrix.

result[write_i + f] = start[f] + sum_rl source[read_i + r * run + l * step] * matrix[r, l, f]

A convolution is this sum with the pixels of its result as rows i and the numbers under a filter as
terms (r, l); its gradient by the filters is the same sum with the two exchanged. The sums of a
block of rows and columns stay in registers, and a panel of the matrix in the first-level cache, as
in Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd, inf

from toolkit.kernels.llvm import COUNT, FLOAT, Code, Value

PANEL = 256  # terms of which a block of columns stays in the first-level cache
MAX_SPAN = 8192  # numbers that the rows of a panel may span: beyond, they evict one another
UNROLLED = 4  # terms per iteration of the innermost loop
MAX_UNROLLED = 16  # terms up to which there is no loop at all
SUMS_IN_FLIGHT = 8  # sums that a core can add to at the same time
BLOCK_OVERHEAD = 3  # cost of a block besides its sums, in the same unit


@dataclass(frozen=True, kw_only=True)
class Tile:
    """What the vector registers of a machine hold.

    Arguments:
        lanes: numbers per vector.
        vectors: per row of a block.
        rows: most rows of a block.
    """

    lanes: int
    vectors: int
    rows: int

    def rows_for(self, count: int) -> int:
        """Rows per block for a result of `count` rows: fewer where the last block would be short.

        >>> Tile(lanes=8, vectors=2, rows=6).rows_for(16)
        4
        """

        def cost(rows: int) -> int:
            return -(-count // rows) * (max(rows * self.vectors, SUMS_IN_FLIGHT) + BLOCK_OVERHEAD)

        return min(range(self.rows, 0, -1), key=cost)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Offsets of the rows of a result.

    Arguments:
        read: of each row's first number in the source.
        write: of each row in the result.
        start: of what each row's sums start from; None: all rows start from the same.
    """

    read: Sequence[int]
    write: Sequence[int]
    start: Sequence[int] | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Offsets of the terms of one sum.

    Arguments:
        runs: number of runs of terms.
        run: numbers from run to run.
        length: terms per run.
        step: numbers from term to term.
    """

    runs: int
    run: int
    length: int
    step: int

    def runs_per_panel(self, row_stride: int) -> int:
        """Runs in a panel of a matrix whose rows are so far apart; a divisor of `runs`."""
        terms = min(PANEL, MAX_SPAN // row_stride)
        most = min(self.runs, max(1, terms // self.length))
        return max(runs for runs in range(1, most + 1) if self.runs % runs == 0)


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product that is to be written.

    Arguments:
        source, matrix, result: addresses; the matrix has one row per term, in the terms' order.
        rows: of the result.
        terms: of every sum.
        width: columns of matrix and result, a multiple of lanes times vectors.
        tile: of the machine.
        row_stride: numbers from row to row of the matrix; None: its width.
        run_stride: numbers from run to run of the matrix; None: runs follow one another.
        start: address of what sums start from, one number per column; with `rows.start`, offsets
            from it. None: the result, which is added to.
        minimum: lower bound of the result; None: no bound.
        negative: whether the product is subtracted.
    """

    source: Value
    matrix: Value
    result: Value
    rows: Rows
    terms: Terms
    width: int
    tile: Tile
    row_stride: int | None = None
    run_stride: int | None = None
    start: Value | None = None
    minimum: Value | None = None
    negative: bool = False

    def write(self, code: Code) -> None:
        """Write its loops: panels of terms, blocks of columns, blocks of rows, terms."""
        tile, terms, columns = self.tile, self.terms, self.tile.lanes * self.tile.vectors
        height = tile.rows_for(len(self.rows.read))
        blocks = -(-len(self.rows.read) // height)
        # The last row stands in for the missing ones of the last block: it is stored again
        missing = blocks * height - len(self.rows.read)
        read, write, start = (
            code.offset_table([*offsets, *[offsets[-1]] * missing])
            for offsets in (self.rows.read, self.rows.write, self.rows.start or [0])
        )
        runs = terms.runs_per_panel(self._row_stride)
        panels = terms.runs // runs

        def panel(number: Value, _: list[Value]) -> Sequence[Value]:
            # The lower bound applies in the last panel, when sums are complete
            bound = None
            if self.minimum is not None:
                number_bound = code.select(number, panels - 1, self.minimum, FLOAT(-inf))
                bound = code.broadcast(number_bound, lanes=tile.lanes)

            def column_block(across: Value, _: list[Value]) -> Sequence[Value]:
                column = code.total((across, columns))
                matrix = code.address(self.matrix, (number, runs * self._run_stride), column)

                def row_block(down: Value, _: list[Value]) -> Sequence[Value]:
                    # Addresses
                    rows = [code.total((down, height), row) for row in range(height)]
                    sources = [
                        code.address(
                            self.source, code.load_offset(read, row), (number, runs * terms.run)
                        )
                        for row in rows
                    ]
                    results = [
                        code.address(self.result, code.load_offset(write, row), column)
                        for row in rows
                    ]
                    # Sums so far: from `start` in the first panel, then from the result
                    starts = results
                    if self.start is not None:
                        offsets = [
                            code.load_offset(start, row) if self.rows.start else 0 for row in rows
                        ]
                        starts = [
                            code.select(number, 0, code.address(self.start, offset, column), result)
                            for offset, result in zip(offsets, results, strict=True)
                        ]
                    sums = [
                        code.load(address, lanes=tile.lanes)
                        for address in self._vectors(code, starts)
                    ]
                    # Products
                    sums = self._sums(code, sources, matrix, sums, runs)
                    for address, value in zip(self._vectors(code, results), sums, strict=True):
                        code.store(value if bound is None else code.maximum(value, bound), address)
                    return ()

                code.loop(blocks, row_block)
                return ()

            code.loop(self.width // columns, column_block)
            return ()

        code.loop(panels, panel)

    @property
    def _row_stride(self) -> int:
        return self.row_stride or self.width

    @property
    def _run_stride(self) -> int:
        return self.run_stride or self.terms.length * self._row_stride

    def _vectors(self, code: Code, rows: Sequence[Value]) -> list[Value]:
        """Addresses of a block's vectors, row after row."""
        vectors = range(self.tile.vectors)
        return [code.address(row, vector * self.tile.lanes) for row in rows for vector in vectors]

    def _sums(
        self, code: Code, sources: Sequence[Value], matrix: Value, sums: list[Value], runs: int
    ) -> list[Value]:
        """Add the terms of a panel, with all sums of a block in registers."""
        terms, unrolled = self.terms, gcd(self.terms.length, UNROLLED)

        def run(number: Value, sums: list[Value]) -> Sequence[Value]:
            def iteration(count: Value, sums: list[Value]) -> Sequence[Value]:
                offset = code.total((number, terms.run), (count, unrolled * terms.step))
                row = code.address(
                    matrix, (number, self._run_stride), (count, unrolled * self._row_stride)
                )
                for term in range(unrolled):
                    weights = [
                        code.load(address, lanes=self.tile.lanes)
                        for address in self._vectors(
                            code, [code.address(row, term * self._row_stride)]
                        )
                    ]
                    numbers = [
                        code.load(code.address(source, offset, term * terms.step))
                        for source in sources
                    ]
                    if self.negative:
                        numbers = [code.negate(number) for number in numbers]
                    factors = [code.broadcast(number, lanes=self.tile.lanes) for number in numbers]
                    pairs = product(factors, weights)
                    sums = [
                        code.multiply_add(total, *pair)
                        for total, pair in zip(sums, pairs, strict=True)
                    ]
                return sums

            return code.loop(terms.length // unrolled, iteration, sums)

        if runs * terms.length > MAX_UNROLLED:
            return code.loop(runs, run, sums)
        for number in range(runs):
            sums = list(run(COUNT(number), sums))
        return sums
