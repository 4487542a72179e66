import pytest
import torch

from toolkit.kernels.llvm import FLOAT, POINTER, Code
from toolkit.kernels.loops import bias_gradient, copy, lanes_for
from toolkit.kernels.machine import Kernel


@pytest.mark.parametrize(("length", "lanes"), [(16, 8), (8, 8), (12, 4), (6, 2), (7, 1), (1, 1)])
def test_vectors_divide_a_run(length: int, lanes: int) -> None:
    assert lanes_for(length) == lanes


@pytest.mark.parametrize("length", [8, 12, 3])
@pytest.mark.parametrize("kind", ["plain", "bounded", "relu"])
def test_rows_are_copied_between_strides_and_nothing_else_is_written(
    kind: str, length: int
) -> None:
    generator = torch.Generator().manual_seed(0)
    source, output = (torch.randn(4, length + 3, generator=generator) for _ in range(2))
    target = torch.full((4, length + 5), 9.0)
    code = Code([POINTER, POINTER, POINTER, FLOAT])
    source_address, target_address, relu_output, minimum = code.arguments
    copy(
        code,
        source_address,
        target_address,
        4,
        length,
        strides=(length + 3, length + 5),
        minimum=minimum if kind == "bounded" else None,
        relu_output=relu_output if kind == "relu" else None,
    )
    Kernel(code)(source.data_ptr(), target.data_ptr(), output.data_ptr(), 0.25)
    expected = source[:, :length]
    if kind == "bounded":
        expected = expected.clamp_min(0.25)
    elif kind == "relu":
        expected = expected * (output[:, :length] > 0)
    assert torch.equal(target[:, :length], expected)
    assert (target[:, length:] == 9.0).all()


@pytest.mark.parametrize("channels", [1, 3, 8, 24, 40])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 5)])
def test_pixels_are_added_to_the_sums_that_are_there(
    rows: int, columns: int, channels: int
) -> None:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randn(rows, columns + 2, channels, generator=generator)
    sums = torch.randn(channels, generator=generator)
    expected = sums.double() + pixels[:, :columns].double().sum(dim=(0, 1))
    code = Code([POINTER] * 2)
    line = (columns + 2) * channels
    bias_gradient(
        code, code.arguments[0], (rows, columns), channels, line=line, sums=code.arguments[1]
    )
    Kernel(code)(pixels.data_ptr(), sums.data_ptr())
    assert torch.allclose(sums.double(), expected, atol=1e-5)
