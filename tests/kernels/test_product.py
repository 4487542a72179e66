from itertools import product

import pytest
import torch

from toolkit.kernels.llvm import FLOAT, POINTER, Code, Value
from toolkit.kernels.machine import Kernel, tile_for
from toolkit.kernels.product import PANEL, Product, Rows, Terms, Tile


@pytest.mark.parametrize(
    "tile", [Tile(lanes=8, vectors=1, rows=3), Tile(lanes=4, vectors=2, rows=6)]
)
@pytest.mark.parametrize("count", [1, 5, 6, 7])
@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize(
    ("runs", "length"), [(1, 1), (3, 5), (2, 8), (6, PANEL // 2), (2, PANEL + 4)]
)
def test_rows_times_a_matrix(tile: Tile, count: int, begun: bool, runs: int, length: int) -> None:
    width, step, run, run_stride = 16, 2, 2 * length + 3, length + 1
    generator = torch.Generator().manual_seed(0)
    source = torch.randn(count + runs * run + 7, generator=generator)
    matrix = torch.randn(runs * run_stride, width, generator=generator)
    start = torch.randn(width, generator=generator)
    result = torch.randn(count * width, generator=generator)
    read, write = list(range(count)), [width * (count - 1 - row) for row in range(count)]
    reads = torch.tensor(
        [
            [at + r * run + term * step for r, term in product(range(runs), range(length))]
            for at in read
        ]
    )
    weights = torch.cat(
        [matrix[r * run_stride : r * run_stride + length] for r in range(runs)]
    ).double()
    sums = source.double()[reads] @ weights
    before = start.double() if begun else result.double().reshape(count, width).flip(0)
    expected = (before + sums).clamp_min(-0.5) if begun else before + sums

    code = Code([POINTER] * 4 + [FLOAT])
    pointers: list[Value] = code.arguments[:4]
    Product(
        source=pointers[0],
        matrix=pointers[1],
        result=pointers[2],
        rows=Rows(read=read, write=write),
        terms=Terms(runs=runs, run=run, length=length, step=step),
        width=width,
        tile=tile,
        run_stride=run_stride * width,
        start=pointers[3] if begun else None,
        minimum=code.arguments[4] if begun else None,
    ).write(code)
    tensors = [source, matrix, result, start]
    Kernel(code)(*[tensor.data_ptr() for tensor in tensors], -0.5)
    written = result.reshape(count, width).flip(0).double()
    assert torch.allclose(written, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("length", [3, PANEL + 4])
@pytest.mark.parametrize("negative", [False, True])
def test_rows_that_start_from_numbers_of_their_own_and_may_be_subtracted_from(
    negative: bool, length: int
) -> None:
    count, width = 5, 8
    generator = torch.Generator().manual_seed(0)
    source = torch.randn(count, length, generator=generator)
    matrix = torch.randn(length, width, generator=generator)
    start = torch.randn(count, width, generator=generator)
    result = torch.full((count, width), torch.nan)
    products = source.double() @ matrix.double()
    backwards = list(range(count))[::-1]
    code = Code([POINTER] * 4)
    Product(
        source=code.arguments[0],
        matrix=code.arguments[1],
        result=code.arguments[2],
        rows=Rows(
            read=range(0, count * length, length),
            write=range(0, count * width, width),
            start=[width * row for row in backwards],
        ),
        terms=Terms(runs=1, run=0, length=length, step=1),
        width=width,
        tile=Tile(lanes=8, vectors=1, rows=3),
        start=code.arguments[3],
        negative=negative,
    ).write(code)
    Kernel(code)(*[tensor.data_ptr() for tensor in (source, matrix, result, start)])
    expected = start[backwards].double() + (-products if negative else products)
    assert torch.allclose(result.double(), expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("count", [1, 4, 6, 16, 64, 100])
def test_no_block_is_much_larger_than_what_is_left(count: int) -> None:
    tile = Tile(lanes=8, vectors=2, rows=6)
    height = tile.rows_for(count)
    assert 1 <= height <= tile.rows
    assert -(-count // height) * height <= 1.15 * count or count < tile.rows


@pytest.mark.parametrize(("width", "fits"), [(32, True), (24, True), (8, True), (12, False)])
def test_tiles_fill_vectors(width: int, fits: bool) -> None:
    tile = tile_for(width)
    assert (tile is not None) == fits
    if tile is not None:
        assert width % (tile.lanes * tile.vectors) == 0
