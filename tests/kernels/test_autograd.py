from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d

from toolkit.kernels import (
    autograd,
    buffers,
    convolution,
    convolve,
    convolve_transposed,
    geometry,
    machine,
)

Layer = Callable[..., Tensor]

# channels, filters, height, width, kernel, stride, padding
SHAPES = [
    (32, 32, 16, 16, 4, 2, 1),
    (32, 32, 4, 4, 4, 2, 1),
    (32, 64, 16, 16, 2, 2, 0),
    (1, 32, 32, 32, 4, 2, 1),
    (3, 8, 20, 12, 4, 2, 1),
    (1, 24, 9, 11, 4, 1, 1),
    (64, 64, 8, 8, 3, 1, 1),
    (8, 8, 9, 7, 3, 2, 1),
    (16, 8, 7, 7, 3, 1, 0),
    (8, 8, 9, 9, 4, 1, 2),
    (8, 16, 6, 10, 1, 1, 0),
    (8, 8, 12, 12, 3, 3, 0),
    (8, 40, 11, 10, 4, 2, 1),  # rows that no filter reaches
]


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def lanes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kernels as they are written for another processor; LLVM makes them run on this one."""
    monkeypatch.setattr(machine, "wide", lambda: request.param == 16)
    remembered = [
        convolution.forward,
        convolution.backward,
        buffers.room,
        geometry.sliding,
        geometry.spreading,
    ]
    for one in remembered:
        one.cache_clear()
    yield
    for one in remembered:
        one.cache_clear()


on_any_processor = pytest.mark.parametrize(
    ("lanes", "shape"),
    [*((8, shape) for shape in SHAPES), *((16, shape) for shape in SHAPES[:5])],
    indirect=["lanes"],
)


def numbers_and_gradients(layer: Layer, *given: Tensor) -> list[Tensor]:
    own = [one.clone().requires_grad_() for one in given]
    made = layer(*own)
    weights = torch.linspace(-1, 1, made.numel(), dtype=torch.float64).reshape(made.shape)
    (made * weights.to(made.dtype)).sum().backward()
    gradients = [one.grad for one in own if one.grad is not None]
    assert len(gradients) == len(given)
    return [made.detach(), *gradients]


def assert_same(ours: list[Tensor], double: list[Tensor], single: list[Tensor]) -> None:
    """As near to the exact numbers as PyTorch's are, but for a few roundings."""
    for mine, exact, theirs in zip(ours, double, single, strict=True):
        scale = exact.abs().max().item()
        allowed = 3 * (theirs - exact).abs().max().item() + 1e-6 * scale
        assert (mine - exact).abs().max().item() <= allowed


def given(shape: tuple[int, ...], seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    channels, filters, height, width, kernel, stride, padding = shape
    generator = torch.Generator().manual_seed(seed)
    below, across = ((size + 2 * padding - kernel) // stride + 1 for size in (height, width))
    made = [
        torch.randn(*sizes, generator=generator)
        for sizes in (
            (5, channels, height, width),
            (5, filters, below, across),
            (filters, channels, kernel, kernel),
            (filters,),
            (channels,),
        )
    ]
    return made[0], made[1], made[2], made[3], made[4]


def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if a layer is left to PyTorch."""

    def refuse(*_: object) -> Tensor:
        raise AssertionError("left to PyTorch")

    monkeypatch.setattr(autograd, "_pytorchs", refuse)


@on_any_processor
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.usefixtures("lanes")
def test_a_convolution_and_its_gradients_are_pytorchs(
    shape: tuple[int, ...], relu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, stride, padding = shape
    fine, _, weight, bias, _ = given(shape)

    def theirs(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        made = conv2d(images, weight, bias, stride, padding)
        return made.relu() if relu else made

    double = numbers_and_gradients(theirs, fine.double(), weight.double(), bias.double())
    single = numbers_and_gradients(theirs, fine, weight, bias)
    only_ours(monkeypatch)
    ours = numbers_and_gradients(
        lambda *own: convolve(*own, stride=stride, padding=padding, relu=relu), fine, weight, bias
    )
    assert_same(ours, double, single)


@on_any_processor
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.usefixtures("lanes")
def test_a_transposed_convolution_and_its_gradients_are_pytorchs(
    shape: tuple[int, ...], relu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, height, width, kernel, stride, padding = shape
    _, coarse, weight, _, bias = given(shape)
    extra = height - ((coarse.shape[2] - 1) * stride - 2 * padding + kernel)
    if extra != width - ((coarse.shape[3] - 1) * stride - 2 * padding + kernel):
        extra = 0  # another size of fine maps than a convolution would start from

    def theirs(maps: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        made = conv_transpose2d(maps, weight, bias, stride, padding, extra)
        return made.relu() if relu else made

    double = numbers_and_gradients(theirs, coarse.double(), weight.double(), bias.double())
    single = numbers_and_gradients(theirs, coarse, weight, bias)
    only_ours(monkeypatch)
    ours = numbers_and_gradients(
        lambda *own: convolve_transposed(
            *own, stride=stride, padding=padding, output_padding=extra, relu=relu
        ),
        coarse,
        weight,
        bias,
    )
    assert_same(ours, double, single)


def test_gradients_are_finite_differences() -> None:
    fine, _, weight, bias, _ = given((3, 8, 6, 6, 4, 2, 1))

    def loss(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return convolve(images, weight, bias, stride=2, padding=1).double().square().sum()

    own = [one.clone().requires_grad_() for one in (fine, weight, bias)]
    loss(*own).backward()
    generator = torch.Generator().manual_seed(1)
    for place, one in enumerate(own):
        direction = torch.randn(one.shape, generator=generator)
        ends = []
        for side in (-1e-2, 1e-2):
            moved = [one.detach() for one in own]
            moved[place] = moved[place] + side * direction
            ends.append(loss(*moved).item())
        slope = (ends[1] - ends[0]) / 2e-2
        assert one.grad is not None
        assert slope == pytest.approx((one.grad * direction).sum().item(), rel=1e-3)


def test_one_transposes_the_other() -> None:
    """<slide(x), y> = <x, spread(y)>."""
    fine, coarse, weight, _, _ = given((8, 16, 12, 10, 4, 2, 1))
    slid = convolve(fine, weight, None, stride=2, padding=1)
    spread = convolve_transposed(coarse, weight, None, stride=2, padding=1)
    assert (slid * coarse).sum().item() == pytest.approx((fine * spread).sum().item(), rel=1e-4)


def test_the_same_numbers_however_maps_lie_in_memory_and_however_many_there_are() -> None:
    fine, _, weight, bias, _ = given((8, 16, 12, 10, 4, 2, 1))
    made = convolve(fine, weight, bias, stride=2, padding=1, relu=True)
    last = fine.contiguous(memory_format=torch.channels_last)
    turned = fine.transpose(2, 3).contiguous().transpose(2, 3)
    assert torch.equal(convolve(last, weight, bias, stride=2, padding=1, relu=True), made)
    assert torch.equal(convolve(turned, weight, bias, stride=2, padding=1, relu=True), made)
    assert torch.equal(convolve(fine[2:3], weight, bias, stride=2, padding=1, relu=True), made[2:3])
    assert made.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("threads", [2, 3, 9])
def test_the_same_answers_with_any_number_of_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine, coarse, weight, bias, fine_bias = given((8, 16, 12, 10, 4, 2, 1))
    only_ours(monkeypatch)

    def answers() -> list[Tensor]:
        with torch.no_grad():
            slid = convolve(fine, weight, bias, stride=2, padding=1, relu=True)
            return [slid, convolve_transposed(coarse, weight, fine_bias, stride=2, padding=1)]

    alone = answers()
    torch.set_num_threads(threads)
    for one, other in zip(alone, answers(), strict=True):
        assert torch.equal(one, other)


def test_what_is_no_number_stays_none() -> None:
    fine, coarse, weight, bias, fine_bias = given((3, 8, 6, 6, 4, 2, 1))
    fine[1, 0, 3, 3] = torch.nan
    coarse[1, 0, 1, 1] = torch.nan
    slid = convolve(fine, weight, bias, stride=2, padding=1, relu=True)
    spread = convolve_transposed(coarse, weight, fine_bias, stride=2, padding=1, relu=True)
    assert slid[1].isnan().any()
    assert spread[1].isnan().any()
    assert slid[0].isfinite().all()
    assert spread[0].isfinite().all()


def test_without_bias_and_without_gradient_of_images() -> None:
    fine, _, weight, _, _ = given((3, 8, 6, 6, 4, 2, 1))
    own = weight.clone().requires_grad_()
    convolve(fine, own, None, stride=2, padding=1).sum().backward()
    theirs = weight.clone().requires_grad_()
    conv2d(fine, theirs, None, 2, 1).sum().backward()
    assert own.grad is not None
    assert theirs.grad is not None
    assert torch.allclose(own.grad, theirs.grad, atol=1e-4)


@pytest.mark.parametrize(
    ("dtype", "threads", "images", "filters"),
    [
        (torch.float64, 1, 2, 8),
        (torch.float32, 2, 2, 8),
        (torch.float32, 1, 0, 8),
        (torch.float32, 1, 2, 3),
        (torch.float32, 1, 2, 4096),
    ],
)
def test_everything_else_is_pytorchs(
    dtype: torch.dtype, threads: int, images: int, filters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(threads)
    monkeypatch.setattr(autograd, "made_maps", None)
    fine = torch.randn(images, 8, 6, 6, dtype=dtype)
    weight = torch.randn(filters, 8, 4, 4, dtype=dtype)
    slid = convolve(fine, weight, None, stride=2, padding=1, relu=True)
    assert torch.equal(slid, conv2d(fine, weight, None, 2, 1).relu())
    spread = convolve_transposed(slid, weight, None, stride=2, padding=1, relu=True)
    assert torch.equal(spread, conv_transpose2d(slid, weight, None, 2, 1).relu())


def test_stacks_are_pytorchs_and_have_gradients() -> None:
    rows = [given((3, 8, 6, 6, 4, 2, 1), seed) for seed in range(3)]
    stacked = [torch.stack(column).requires_grad_() for column in zip(*rows, strict=True)]

    def both(fine: Tensor, coarse: Tensor, weight: Tensor, bias: Tensor, other: Tensor) -> Tensor:
        slid = convolve(fine, weight, bias, stride=2, padding=1, relu=True)
        spread = convolve_transposed(coarse, weight, other, stride=2, padding=1, relu=True)
        return slid.square().sum() + spread.square().sum()

    together = torch.autograd.grad(torch.vmap(both)(*stacked).sum(), stacked)
    for place, row in enumerate(rows):
        own = [one.clone().requires_grad_() for one in row]
        alone = torch.autograd.grad(both(*own).sum(), own)
        for column, gradient in zip(together, alone, strict=True):
            assert torch.allclose(column[place], gradient, rtol=1e-4, atol=1e-3)


def test_a_second_gradient_is_refused() -> None:
    fine, _, weight, bias, _ = given((3, 8, 6, 6, 4, 2, 1))
    own = weight.clone().requires_grad_()
    made = convolve(fine, own, bias, stride=2, padding=1).square().sum()
    (first,) = torch.autograd.grad(made, own, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


def test_geometry_says_what_pytorch_counts_as_output_padding() -> None:
    one = geometry.spreading(torch.Size([8, 4, 4]), torch.Size([8, 8, 4, 4]), 2, 1, 1)
    assert one.fine == (8, 9, 9)
    assert one.output_padding == 1
    assert conv_transpose2d(torch.zeros(1, 8, 4, 4), torch.zeros(8, 8, 4, 4), None, 2, 1, 1).shape[
        2:
    ] == (9, 9)
