from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d

from toolkit.kernels import buffers, convolution, convolve, convolve_transposed, winograd
from toolkit.kernels.geometry import Geometry, convolution_geometry, transposed_geometry
from toolkit.kernels.llvm import POINTER, Code, Value
from toolkit.kernels.machine import Kernel

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(
    ("channels", "side", "kernel", "stride", "shared"),
    [
        (32, 16, 4, 2, True),
        (8, 12, 6, 3, True),
        (32, 14, 4, 2, False),  # an odd number of pixels in a row
        (32, 16, 2, 2, False),  # one tap
        (32, 16, 3, 1, False),  # three of them
        (1, 16, 4, 2, False),  # too few channels to have phases
    ],
)
def test_two_taps_on_even_rows_have_pairs(
    channels: int, side: int, kernel: int, stride: int, shared: bool
) -> None:
    weight = torch.Size([32, channels, kernel, kernel])
    padding = (kernel - stride + 1) // 2
    assert (
        convolution_geometry(torch.Size([channels, side, side]), weight, stride, padding).winograd
        == shared
    )


@pytest.fixture
def forgotten() -> Iterator[Callable[[], None]]:
    """Forgets compiled kernels, at the end too."""

    def forget() -> None:
        for first in (
            convolution.forward,
            convolution.backward,
            buffers.scratch_size,
            convolution_geometry,
            transposed_geometry,
        ):
            first.cache_clear()

    yield forget
    forget()


@pytest.mark.parametrize("transposed", [False, True])
def test_without_pairs_everything_is_the_same_but_for_rounding(
    transposed: bool, forgotten: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = torch.Generator().manual_seed(0)
    images, features = (torch.randn(3, 16, side, side, generator=generator) for side in (16, 8))
    weight = torch.randn(16, 16, 4, 4, generator=generator)
    bias = torch.randn(16, generator=generator)
    maps, layer = (features, convolve_transposed) if transposed else (images, convolve)

    def numbers() -> list[Tensor]:
        forgotten()
        leaves = [first.clone().requires_grad_() for first in (maps, weight, bias)]
        output = layer(*leaves, stride=2, padding=1, relu=True)
        return [output.detach(), *torch.autograd.grad(output.square().sum(), leaves)]

    pairs = numbers()
    monkeypatch.setattr(Geometry, "winograd", False)
    singles = numbers()
    assert not torch.equal(pairs[0], singles[0])  # there were two ways
    for first, other in zip(pairs, singles, strict=True):
        assert torch.allclose(first, other, rtol=1e-4, atol=1e-5 * other.abs().max().item())


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_shared_products_round_no_worse_than_their_bound(offset: float) -> None:
    """|error| <= u (terms + 4) sum (|b| (|p| + |q|) + (|a| + |b|) |p|), for taps p, q at a, b.

    Far from 0 the differences a - b cancel, where a direct sum has nothing to cancel.
    """
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(2, 8, 8, 12, generator=generator) + offset
    weight = torch.randn(8, 8, 4, 4, generator=generator)
    bias = torch.zeros(8)
    assert convolution_geometry(images.shape[1:], weight.shape, 2, 1).winograd
    ours = convolve(images, weight, bias, stride=2, padding=1)
    exact = conv2d(images.double(), weight.double(), None, 2, 1)
    # Both taps of an axis, two columns apart, meet the numbers under either of them: pixels to the
    # left and to the right are neighbours of a pair
    magnitude = images.double().abs()
    both_taps = (weight.abs() + weight.abs().roll(2, dims=3)).double()
    left, right = (
        conv2d(torch.roll(magnitude, by, dims=3), both_taps, None, 2, 1) for by in (-2, 2)
    )
    bound = 2 * (conv2d(magnitude, both_taps, None, 2, 1) + left + right)
    terms, rounding = 8 * 16, torch.finfo(torch.float32).eps / 2
    error = (ours - exact).abs()
    assert (error <= rounding * (terms + 4) * bound).all()
    # In practice errors add up like steps at random
    assert error.max() <= rounding * 8 * bound.max()


def run(write: Callable[[Code, list[Value]], None], *tensors: Tensor) -> None:
    code = Code([POINTER] * len(tensors))
    write(code, code.arguments)
    Kernel(code)(*[tensor.data_ptr() for tensor in tensors])


@pytest.mark.parametrize("length", [8, 12, 6, 3])
def test_differences_and_sums_of_pairs_with_any_number_of_lanes(length: int) -> None:
    numbers = torch.randn(4, 2, length, generator=torch.Generator().manual_seed(0))
    apart, added = torch.zeros(7, length), torch.zeros(4, length)

    def write(code: Code, arguments: list[Value]) -> None:
        source, first, second = arguments
        winograd.differences(code, source, first, length=7 * length, distance=length)
        winograd.pair_sums(code, source, second, pairs=4, length=length)

    run(write, numbers, apart, added)
    runs = numbers.flatten(0, 1)
    assert torch.equal(apart, runs[:-1] - runs[1:])
    assert torch.equal(added, numbers.sum(dim=1))


@pytest.mark.parametrize("length", [8, 10, 3])
def test_a_run_is_added_to_both_runs_of_its_pair(length: int) -> None:
    generator = torch.Generator().manual_seed(0)
    shared = torch.randn(3, length, generator=generator)
    pairs = torch.randn(3, 2, length, generator=generator)
    expected = pairs + shared[:, None]

    def write(code: Code, arguments: list[Value]) -> None:
        winograd.add_to_pairs(code, *arguments, pairs=3, length=length)

    run(write, shared, pairs)
    assert torch.equal(pairs, expected)
