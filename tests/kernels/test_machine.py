"""Tiles of products for the registers of two kinds of CPU, and functions that are called."""

import threading

import pytest
import torch

from toolkit.kernels import machine
from toolkit.kernels.llvm import COUNT, FLOAT, POINTER, Code, Value
from toolkit.kernels.machine import REGISTERS, Kernel, tile_for


@pytest.mark.parametrize("avx512", [False, True])
def test_a_tile_divides_the_columns_and_leaves_registers_for_what_is_no_sum(
    avx512: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "has_avx512", lambda: avx512)
    for width in range(1, 300):
        tile = tile_for(width)
        assert (tile is None) == (width % 8 > 0)
        if tile is None:
            continue
        assert width % (tile.lanes * tile.vectors) == 0
        assert tile.lanes in ((8, 16) if avx512 else (8,))
        # Sums, one row of the matrix, and one factor
        assert tile.rows * tile.vectors + tile.vectors + 1 <= REGISTERS[tile.lanes]
        assert tile.rows >= 4


@pytest.mark.parametrize(
    ("width", "lanes", "vectors"), [(64, 16, 2), (48, 16, 1), (16, 16, 1), (24, 8, 1), (8, 8, 1)]
)
def test_wide_vectors_come_first(
    width: int, lanes: int, vectors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "has_avx512", lambda: True)
    tile = tile_for(width)
    assert tile is not None
    assert (tile.lanes, tile.vectors) == (lanes, vectors)


def test_the_cpu_of_a_kernel_is_named_with_its_features() -> None:
    name, features = machine.target()
    assert name
    assert ("+avx512f" in features.split(",")) == machine.has_avx512()


def test_arguments_arrive_as_numbers_and_addresses() -> None:
    """Sums a float `count` times; large counts need 64 bits, which an address would need too."""
    code = Code([POINTER, FLOAT, COUNT])
    target, number, count = code.arguments

    def body(_: Value, carried: list[Value]) -> list[Value]:
        return [code.add(carried[0], number)]

    (total,) = code.loop(count, body, [code.load(target)])
    code.store(total, target)
    kernel, result = Kernel(code), torch.tensor([1.0])
    kernel(result.data_ptr(), 0.25, 1000)
    assert result.item() == 251.0
    kernel(result.data_ptr(), -1.0, 1)
    assert result.item() == 250.0


def test_a_kernel_may_run_in_many_threads_at_once() -> None:
    """It keeps nothing between calls: every thread brings its own memory."""
    code = Code([POINTER, COUNT])
    pointer, count = code.arguments

    def body(index: Value, carried: list[Value]) -> list[Value]:
        return [code.add(carried[0], code.load(code.address(pointer, index)))]

    (total,) = code.loop(count, body, [code.load(code.zeros(1))])
    code.store(total, pointer)
    kernel = Kernel(code)
    rows = torch.arange(8 * 1000.0).reshape(8, 1000) % 17
    expected = rows.sum(dim=1)
    workers = [threading.Thread(target=kernel, args=(row.data_ptr(), 1000)) for row in rows]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert torch.equal(rows[:, 0], expected)
