"""Every operation of the kernels' language, on vectors and on single numbers."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from toolkit.kernels.llvm import COUNT, POINTER, Code, Value
from toolkit.kernels.machine import Kernel

LEFT = torch.tensor([1.5, -2.0, 0.0, torch.nan, 3.0, -1.0, 2.0, 0.5])
RIGHT = torch.tensor([0.5, 3.0, -1.0, 1.0, torch.nan, 0.0, 2.0, -4.0])
Operation = Callable[[Code, Value, Value], Value]


@pytest.mark.parametrize("lanes", [8, 2])
@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (lambda code, left, right: code.add(left, right), LEFT + RIGHT),
        (lambda code, left, right: code.subtract(left, right), LEFT - RIGHT),
        (lambda code, left, right: code.negate(left), -LEFT),
        (lambda code, left, right: code.multiply_add(left, left, right), LEFT + LEFT * RIGHT),
        # NaN stays where it is; a NaN bound bounds nothing
        (
            lambda code, left, right: code.maximum(left, right),
            torch.tensor([1.5, 3.0, 0.0, torch.nan, 3.0, 0.0, 2.0, 0.5]),
        ),
        (
            lambda code, left, right: code.relu_backward(left, right),
            torch.tensor([1.5, -2.0, 0.0, torch.nan, 3.0, 0.0, 2.0, 0.0]),
        ),
    ],
)
def test_operations_lane_by_lane(operation: Operation, expected: Tensor, lanes: int) -> None:
    code = Code([POINTER] * 3)
    first, second, target = code.arguments

    def body(index: Value, _: list[Value]) -> list[Value]:
        left, right, result = (
            code.address(pointer, (index, lanes)) for pointer in (first, second, target)
        )
        value = operation(code, code.load(left, lanes=lanes), code.load(right, lanes=lanes))
        code.store(value, result)
        return []

    code.loop(8 // lanes, body)
    result = torch.zeros(8)
    Kernel(code)(LEFT.data_ptr(), RIGHT.data_ptr(), result.data_ptr())
    assert torch.allclose(result, expected, equal_nan=True, rtol=1e-6)


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_number_in_every_lane(lanes: int) -> None:
    code = Code([POINTER] * 2)
    source, target = code.arguments
    code.store(code.broadcast(code.load(source), lanes=lanes), target)
    numbers, result = torch.tensor([7.0, 8.0]), torch.zeros(4)
    Kernel(code)(numbers.data_ptr(), result.data_ptr())
    assert result.tolist() == [7.0] * lanes + [0.0] * (4 - lanes)


def test_offsets_and_zeros_are_constants_of_the_kernel() -> None:
    code = Code([POINTER] * 2)
    source, target = code.arguments
    table, zeros = code.offset_table([4, 0, 2]), code.zeros(8)

    def body(index: Value, _: list[Value]) -> list[Value]:
        number = code.load(code.address(source, code.load_offset(table, index)))
        zero = code.load(code.address(zeros, index))
        code.store(code.add(number, zero), code.address(target, index))
        return []

    code.loop(3, body)
    numbers, result = torch.arange(5.0), torch.zeros(3)
    Kernel(code)(numbers.data_ptr(), result.data_ptr())
    assert result.tolist() == [4.0, 0.0, 2.0]


def test_one_value_at_one_index_and_another_elsewhere() -> None:
    code = Code([POINTER] * 3)
    source, other, target = code.arguments

    def body(index: Value, _: list[Value]) -> list[Value]:
        code.store(code.load(code.select(index, 2, source, other)), code.address(target, index))
        return []

    code.loop(4, body)
    first, zero, result = torch.ones(1), torch.zeros(1), torch.zeros(4)
    Kernel(code)(first.data_ptr(), zero.data_ptr(), result.data_ptr())
    assert result.tolist() == [0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("count", [1, 2, 9])
def test_loops_carry_values_from_iteration_to_iteration(count: int) -> None:
    code = Code([POINTER, COUNT])
    pointer, limit = code.arguments

    def body(index: Value, carried: list[Value]) -> list[Value]:
        return [code.add(carried[0], code.load(code.address(pointer, (index, 2), 1)))]

    (total,) = code.loop(limit, body, [code.load(pointer)])
    code.store(total, pointer)
    numbers = torch.arange(20.0)
    Kernel(code)(numbers.data_ptr(), count)
    assert numbers[0] == sum(range(1, 2 * count, 2))


def test_known_counts_are_added_before_the_kernel_runs() -> None:
    code = Code([COUNT])
    (unknown,) = code.arguments
    assert code.total(2, COUNT(3), (COUNT(4), 5)).constant == 25
    before = len(code.function.blocks[0].instructions)
    code.total((unknown, 1), 0)
    assert len(code.function.blocks[0].instructions) == before
    code.total((unknown, 3), 2, 4)
    assert len(code.function.blocks[0].instructions) == before + 2
