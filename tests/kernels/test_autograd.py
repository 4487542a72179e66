from collections.abc import Iterator

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d

from tests.kernels.examples import numbers_and_gradients, random_layer, refuse_pytorch
from toolkit.errors import ToolkitError
from toolkit.kernels import (
    autograd,
    buffers,
    convolution,
    convolve,
    convolve_transposed,
    geometry,
    machine,
)

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
    """Kernels written for vectors of so many numbers; LLVM makes them run on this CPU."""
    monkeypatch.setattr(machine, "has_avx512", lambda: request.param == 16)
    remembered = [
        convolution.forward,
        convolution.backward,
        buffers.scratch_size,
        geometry.convolution_geometry,
        geometry.transposed_geometry,
    ]
    for function in remembered:
        function.cache_clear()
    yield
    for function in remembered:
        function.cache_clear()


on_any_processor = pytest.mark.parametrize(
    ("lanes", "shape"),
    [*((8, shape) for shape in SHAPES), *((16, shape) for shape in SHAPES[:5])],
    indirect=["lanes"],
)


def assert_same(ours: list[Tensor], double: list[Tensor], single: list[Tensor]) -> None:
    """As near to the exact numbers as PyTorch's are, but for a few roundings."""
    for mine, exact, theirs in zip(ours, double, single, strict=True):
        scale = exact.abs().max().item()
        allowed = 3 * (theirs - exact).abs().max().item() + 1e-6 * scale
        assert (mine - exact).abs().max().item() <= allowed


@on_any_processor
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.usefixtures("lanes")
def test_a_convolution_and_its_gradients_are_those_of_pytorch(
    shape: tuple[int, ...], relu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, stride, padding = shape
    images, _, weight, bias, _ = random_layer(shape)

    def theirs(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        output = conv2d(images, weight, bias, stride, padding)
        return output.relu() if relu else output

    double = numbers_and_gradients(theirs, images.double(), weight.double(), bias.double())
    single = numbers_and_gradients(theirs, images, weight, bias)
    refuse_pytorch(monkeypatch)
    ours = numbers_and_gradients(
        lambda *leaves: convolve(*leaves, stride=stride, padding=padding, relu=relu),
        images,
        weight,
        bias,
    )
    assert_same(ours, double, single)


@on_any_processor
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.usefixtures("lanes")
def test_a_transposed_convolution_and_its_gradients_are_those_of_pytorch(
    shape: tuple[int, ...], relu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, height, width, kernel, stride, padding = shape
    _, maps, weight, _, bias = random_layer(shape)
    extra = height - ((maps.shape[2] - 1) * stride - 2 * padding + kernel)
    if extra != width - ((maps.shape[3] - 1) * stride - 2 * padding + kernel):
        extra = 0  # image maps of another size than a convolution would start from

    def theirs(maps: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        output = conv_transpose2d(maps, weight, bias, stride, padding, extra)
        return output.relu() if relu else output

    double = numbers_and_gradients(theirs, maps.double(), weight.double(), bias.double())
    single = numbers_and_gradients(theirs, maps, weight, bias)
    refuse_pytorch(monkeypatch)
    ours = numbers_and_gradients(
        lambda *leaves: convolve_transposed(
            *leaves, stride=stride, padding=padding, output_padding=extra, relu=relu
        ),
        maps,
        weight,
        bias,
    )
    assert_same(ours, double, single)


def test_gradients_are_finite_differences() -> None:
    images, _, weight, bias, _ = random_layer((3, 8, 6, 6, 4, 2, 1))

    def loss(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return convolve(images, weight, bias, stride=2, padding=1).double().square().sum()

    leaves = [tensor.clone().requires_grad_() for tensor in (images, weight, bias)]
    loss(*leaves).backward()
    generator = torch.Generator().manual_seed(1)
    for index, leaf in enumerate(leaves):
        direction = torch.randn(leaf.shape, generator=generator)
        ends = []
        for side in (-1e-2, 1e-2):
            moved = [tensor.detach() for tensor in leaves]
            moved[index] = moved[index] + side * direction
            ends.append(loss(*moved).item())
        slope = (ends[1] - ends[0]) / 2e-2
        assert leaf.grad is not None
        assert slope == pytest.approx((leaf.grad * direction).sum().item(), rel=1e-3)


def test_one_transposes_the_other() -> None:
    """<convolve(x), y> = <x, convolve_transposed(y)>."""
    images, maps, weight, _, _ = random_layer((8, 16, 12, 10, 4, 2, 1))
    features = convolve(images, weight, None, stride=2, padding=1)
    image = convolve_transposed(maps, weight, None, stride=2, padding=1)
    assert (features * maps).sum().item() == pytest.approx((images * image).sum().item(), rel=1e-4)


def test_the_same_numbers_however_maps_lie_in_memory_and_however_many_there_are() -> None:
    images, _, weight, bias, _ = random_layer((8, 16, 12, 10, 4, 2, 1))
    output = convolve(images, weight, bias, stride=2, padding=1, relu=True)
    last = images.contiguous(memory_format=torch.channels_last)
    turned = images.transpose(2, 3).contiguous().transpose(2, 3)
    assert torch.equal(convolve(last, weight, bias, stride=2, padding=1, relu=True), output)
    assert torch.equal(convolve(turned, weight, bias, stride=2, padding=1, relu=True), output)
    assert torch.equal(
        convolve(images[2:3], weight, bias, stride=2, padding=1, relu=True), output[2:3]
    )
    assert output.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("threads", [2, 3, 9])
def test_the_same_answers_with_any_number_of_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, maps, weight, bias, image_bias = random_layer((8, 16, 12, 10, 4, 2, 1))
    refuse_pytorch(monkeypatch)

    def answers() -> list[Tensor]:
        with torch.no_grad():
            features = convolve(images, weight, bias, stride=2, padding=1, relu=True)
            return [features, convolve_transposed(maps, weight, image_bias, stride=2, padding=1)]

    alone = answers()
    torch.set_num_threads(threads)
    for first, other in zip(alone, answers(), strict=True):
        assert torch.equal(first, other)


def test_nan_stays_nan() -> None:
    images, maps, weight, bias, image_bias = random_layer((3, 8, 6, 6, 4, 2, 1))
    images[1, 0, 3, 3] = torch.nan
    maps[1, 0, 1, 1] = torch.nan
    features = convolve(images, weight, bias, stride=2, padding=1, relu=True)
    image = convolve_transposed(maps, weight, image_bias, stride=2, padding=1, relu=True)
    assert features[1].isnan().any()
    assert image[1].isnan().any()
    assert features[0].isfinite().all()
    assert image[0].isfinite().all()


def test_without_bias_and_without_gradient_of_images() -> None:
    images, _, weight, _, _ = random_layer((3, 8, 6, 6, 4, 2, 1))
    leaves = weight.clone().requires_grad_()
    convolve(images, leaves, None, stride=2, padding=1).sum().backward()
    theirs = weight.clone().requires_grad_()
    conv2d(images, theirs, None, 2, 1).sum().backward()
    assert leaves.grad is not None
    assert theirs.grad is not None
    assert torch.allclose(leaves.grad, theirs.grad, atol=1e-4)


@pytest.mark.parametrize(
    ("dtype", "threads", "count", "filters"),
    [
        (torch.float64, 1, 2, 8),
        (torch.float32, 2, 2, 8),
        (torch.float32, 1, 0, 8),
        (torch.float32, 1, 2, 3),
        (torch.float32, 1, 2, 4096),
    ],
)
def test_everything_else_is_those_of_pytorch(
    dtype: torch.dtype, threads: int, count: int, filters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(threads)
    monkeypatch.setattr(autograd, "layer_output", None)
    images = torch.randn(count, 8, 6, 6, dtype=dtype)
    weight = torch.randn(filters, 8, 4, 4, dtype=dtype)
    features = convolve(images, weight, None, stride=2, padding=1, relu=True)
    assert torch.equal(features, conv2d(images, weight, None, 2, 1).relu())
    image = convolve_transposed(features, weight, None, stride=2, padding=1, relu=True)
    assert torch.equal(image, conv_transpose2d(features, weight, None, 2, 1).relu())


def test_stacks_are_those_of_pytorch_and_have_gradients() -> None:
    rows = [random_layer((3, 8, 6, 6, 4, 2, 1), seed) for seed in range(3)]
    stacked = [torch.stack(column).requires_grad_() for column in zip(*rows, strict=True)]

    def both(images: Tensor, maps: Tensor, weight: Tensor, bias: Tensor, other: Tensor) -> Tensor:
        features = convolve(images, weight, bias, stride=2, padding=1, relu=True)
        image = convolve_transposed(maps, weight, other, stride=2, padding=1, relu=True)
        return features.square().sum() + image.square().sum()

    together = torch.autograd.grad(torch.vmap(both)(*stacked).sum(), stacked)
    for index, row in enumerate(rows):
        leaves = [tensor.clone().requires_grad_() for tensor in row]
        alone = torch.autograd.grad(both(*leaves).sum(), leaves)
        for column, gradient in zip(together, alone, strict=True):
            assert torch.allclose(column[index], gradient, rtol=1e-4, atol=1e-3)


def test_a_second_gradient_is_refused() -> None:
    images, _, weight, bias, _ = random_layer((3, 8, 6, 6, 4, 2, 1))
    leaves = weight.clone().requires_grad_()
    output = convolve(images, leaves, bias, stride=2, padding=1).square().sum()
    (first,) = torch.autograd.grad(output, leaves, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


@pytest.mark.parametrize("transposed", [False, True])
def test_switched_off_pytorch_gives_the_same_but_for_rounding(
    transposed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, maps, weight, bias, image_bias = random_layer((8, 16, 12, 10, 4, 2, 1))
    call, tensors = convolve, (images, weight, bias)
    if transposed:
        call, tensors = convolve_transposed, (maps, weight, image_bias)

    def layer(*leaves: Tensor) -> Tensor:
        return call(*leaves, stride=2, padding=1, relu=True)

    monkeypatch.setenv("TOOLKIT_KERNELS", "compiled")
    compiled = numbers_and_gradients(layer, *tensors)
    monkeypatch.setenv("TOOLKIT_KERNELS", "pytorch")
    monkeypatch.setattr(autograd, "layer_output", None)
    for ours, theirs in zip(compiled, numbers_and_gradients(layer, *tensors), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-4, atol=1e-5 * theirs.abs().max().item())


@pytest.mark.parametrize("value", ["off", "0", "", "PyTorch"])
@pytest.mark.parametrize("transposed", [False, True])
def test_an_unknown_switch_is_refused(
    value: str, transposed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, maps, weight, _, _ = random_layer((3, 8, 6, 6, 4, 2, 1))
    monkeypatch.setenv("TOOLKIT_KERNELS", value)
    call, tensor = (convolve_transposed, maps) if transposed else (convolve, images)
    with pytest.raises(ToolkitError) as refused:
        call(tensor, weight, None, stride=2, padding=1)
    assert str(refused.value) == (
        f"TOOLKIT_KERNELS is {value!r}. Set it to 'pytorch' to leave convolutions to PyTorch, or "
        "to 'compiled' (the default) to use the compiled kernels."
    )
