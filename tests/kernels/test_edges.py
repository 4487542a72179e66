"""Layers at the edges of what kernels are written for, against the definition of a convolution."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from tests.kernels.examples import numbers_and_gradients, random_layer, refuse_pytorch
from toolkit.kernels import autograd, calls, convolve, convolve_transposed

pytestmark = pytest.mark.usefixtures("one_thread")
ROUNDING = torch.finfo(torch.float32).eps / 2
LARGEST_WEIGHT = 2.0  # of an output in `numbers_and_gradients`


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A layer for `batch` images; `compiled`: its numbers fill vectors, so kernels are written."""

    batch: int
    channels: int
    filters: int
    size: tuple[int, int]
    kernel: int
    stride: int
    padding: int
    compiled: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        height, width = self.size
        return (
            *(self.channels, self.filters, height, width),
            *(self.kernel, self.stride, self.padding),
        )


EDGES = {
    "one pixel": Edge(batch=1, channels=8, filters=8, size=(1, 1), kernel=1, stride=1, padding=0),
    "one pixel between zeros": Edge(
        batch=2, channels=8, filters=8, size=(1, 1), kernel=3, stride=1, padding=1
    ),
    "one pixel comes out": Edge(
        batch=3, channels=1, filters=8, size=(4, 4), kernel=4, stride=2, padding=0
    ),
    "one row": Edge(batch=2, channels=8, filters=16, size=(1, 9), kernel=3, stride=1, padding=1),
    "one column": Edge(batch=2, channels=8, filters=8, size=(9, 1), kernel=3, stride=2, padding=1),
    "stride beyond the kernel": Edge(
        batch=2, channels=6, filters=8, size=(7, 10), kernel=2, stride=3, padding=0
    ),
    "more zeros than pixels": Edge(
        batch=2, channels=8, filters=8, size=(2, 2), kernel=4, stride=2, padding=3
    ),
    "odd channels": Edge(
        batch=2, channels=7, filters=24, size=(6, 5), kernel=4, stride=2, padding=1
    ),
    "shared products": Edge(
        batch=1, channels=8, filters=8, size=(4, 8), kernel=4, stride=2, padding=1
    ),
    "shared products in one row": Edge(
        batch=2, channels=8, filters=8, size=(2, 4), kernel=4, stride=2, padding=1
    ),
    "patches that fill no vectors": Edge(
        batch=2, channels=3, filters=8, size=(5, 5), kernel=3, stride=2, padding=1, compiled=False
    ),
    "filters that fill no vectors": Edge(
        batch=1, channels=1, filters=5, size=(6, 6), kernel=4, stride=2, padding=1, compiled=False
    ),
}
COMPILED = {name: edge for name, edge in EDGES.items() if edge.compiled}
edges = pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES)
compiled_edges = pytest.mark.parametrize("edge", COMPILED.values(), ids=COMPILED)


def defined_convolution(
    images: Tensor, weight: Tensor, bias: Tensor, *, stride: int, padding: int
) -> Tensor:
    """The sum over taps that defines a convolution."""
    padded = torch.nn.functional.pad(images, (padding,) * 4)
    kernel = weight.shape[2]
    rows, columns = ((size - kernel) // stride + 1 for size in padded.shape[2:])
    total = bias[:, None, None].expand(len(images), -1, rows, columns)
    for row in range(kernel):
        for column in range(kernel):
            seen = padded[
                :,
                :,
                row : row + stride * (rows - 1) + 1 : stride,
                column : column + stride * (columns - 1) + 1 : stride,
            ]
            total = total + torch.einsum("nchw,fc->nfhw", seen, weight[:, :, row, column])
    return total


def defined_transpose(
    maps: Tensor, weight: Tensor, bias: Tensor, *, stride: int, padding: int
) -> Tensor:
    """Every feature pixel adds its filters, scaled, to the image."""
    kernel = weight.shape[2]
    rows, columns = maps.shape[2:]
    height, width = ((size - 1) * stride + kernel for size in (rows, columns))
    image = maps.new_zeros(len(maps), weight.shape[1], height, width)
    for row in range(kernel):
        for column in range(kernel):
            added = torch.einsum("nfhw,fc->nchw", maps, weight[:, :, row, column])
            moved = torch.zeros_like(image)
            moved[
                :,
                :,
                row : row + stride * (rows - 1) + 1 : stride,
                column : column + stride * (columns - 1) + 1 : stride,
            ] = added
            image = image + moved
    cropped = image[:, :, padding : height - padding, padding : width - padding]
    return cropped + bias[:, None, None]


def tensors_of(edge: Edge, transposed: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Input, weights and bias."""
    images, maps, weight, bias, image_bias = random_layer(edge.shape)
    if transposed:
        return maps[: edge.batch], weight, image_bias
    return images[: edge.batch], weight, bias


@edges
@pytest.mark.parametrize("transposed", [False, True])
def test_output_and_gradients_are_those_of_the_definition_within_the_error_of_a_sum(
    edge: Edge, transposed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Allowed are 16 roundings of the largest sum of |a b| that any of the numbers is made of."""
    layer, definition = (
        (convolve_transposed, defined_transpose) if transposed else (convolve, defined_convolution)
    )
    tensors = tensors_of(edge, transposed)
    size = {"stride": edge.stride, "padding": edge.padding}
    exact = numbers_and_gradients(
        lambda *leaves: definition(*leaves, **size), *(tensor.double() for tensor in tensors)
    )
    leaves = [tensor.double().abs().requires_grad_() for tensor in tensors]
    sums = definition(*leaves, **size)
    magnitudes = [sums, *torch.autograd.grad(sums, leaves, torch.full_like(sums, LARGEST_WEIGHT))]
    if edge.compiled:
        refuse_pytorch(monkeypatch)
    else:
        monkeypatch.setattr(autograd, "layer_output", None)
    ours = numbers_and_gradients(lambda *leaves: layer(*leaves, **size), *tensors)
    for mine, right, magnitude in zip(ours, exact, magnitudes, strict=True):
        assert mine.shape == right.shape
        assert (mine - right).abs().max() <= 16 * ROUNDING * magnitude.max()


@pytest.mark.parametrize("name", ["odd channels", "shared products"])
@pytest.mark.parametrize("wanted", [1, 2, 3, 4, 5, 6, 7], ids="{:03b}".format)
def test_every_choice_of_gradients_gives_the_same_ones(name: str, wanted: int) -> None:
    edge = EDGES[name]
    tensors = tensors_of(edge, False)

    def gradients(choice: int) -> list[Tensor | None]:
        leaves = [
            tensor.clone().requires_grad_(bool(choice >> position & 1))
            for position, tensor in enumerate(tensors)
        ]
        convolve(
            *leaves, stride=edge.stride, padding=edge.padding, relu=True
        ).square().sum().backward()
        return [leaf.grad for leaf in leaves]

    for position, (some, every) in enumerate(zip(gradients(wanted), gradients(7), strict=True)):
        if wanted >> position & 1:
            assert some is not None
            assert every is not None
            assert torch.equal(some, every)
        else:
            assert some is None


@compiled_edges
def test_a_relu_lets_the_gradient_through_where_its_output_is_above_0(edge: Edge) -> None:
    images, weight, bias = (tensor.requires_grad_() for tensor in tensors_of(edge, False))
    settings = {"stride": edge.stride, "padding": edge.padding}
    output = convolve(images, weight, bias, **settings, relu=True)
    direction = torch.randn(output.shape, generator=torch.Generator().manual_seed(1))
    through = torch.autograd.grad(output, (images, weight, bias), direction)
    linear = convolve(images, weight, bias, **settings)
    masked = torch.autograd.grad(linear, (images, weight, bias), direction * (linear > 0))
    assert torch.equal(output, linear.relu())
    for ours, expected in zip(through, masked, strict=True):
        assert torch.equal(ours, expected)


@compiled_edges
@pytest.mark.parametrize("transposed", [False, True])
def test_nothing_outside_the_maps_is_read_or_written(
    edge: Edge, transposed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All maps lie between numbers that are not: one of them read would spread."""
    guard = 64
    kept: list[Tensor] = []

    def guarded(images: int, shape: tuple[int, int, int]) -> Tensor:
        channels, height, width = shape
        count = images * channels * height * width
        block = torch.full((count + 2 * guard,), torch.nan)
        kept.append(block)
        inside = block[guard : guard + count].view(images, height, width, channels)
        return inside.permute(0, 3, 1, 2)

    def between_guards(maps: Tensor) -> Tensor:
        inside = guarded(len(maps), tuple(maps.shape[1:]))
        return inside.copy_(maps)

    layer = convolve_transposed if transposed else convolve
    maps, weight, bias = tensors_of(edge, transposed)
    monkeypatch.setattr(calls, "_empty_maps", guarded)
    leaves = [between_guards(maps).requires_grad_(), weight.requires_grad_(), bias.requires_grad_()]
    output = layer(*leaves, stride=edge.stride, padding=edge.padding, relu=True)
    gradients = torch.autograd.grad(output.sum(), leaves)
    assert len(kept) == 3  # of the input, the output and the gradient by the input
    for block in kept:
        assert block[:guard].isnan().all()
        assert block[-guard:].isnan().all()
        assert block[guard:-guard].isfinite().all()
    assert all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("transposed", [False, True])
def test_memory_order_and_alignment_change_no_bit(transposed: bool) -> None:
    edge = EDGES["shared products"]
    maps, weight, bias = tensors_of(edge, transposed)
    layer = convolve_transposed if transposed else convolve

    def numbers(maps: Tensor, weight: Tensor, bias: Tensor, direction: Tensor) -> list[Tensor]:
        leaves = [tensor.detach().requires_grad_() for tensor in (maps, weight, bias)]
        output = layer(*leaves, stride=2, padding=1)
        return [output.detach(), *torch.autograd.grad(output, leaves, direction)]

    def shifted(tensor: Tensor) -> Tensor:
        """The same numbers at an address that is a multiple of 4 bytes, and of no more."""
        block = torch.empty(tensor.numel() + 1)[1:].view(tensor.shape)
        return block.copy_(tensor)

    def turned(tensor: Tensor) -> Tensor:
        return tensor.transpose(0, -1).contiguous().transpose(0, -1)

    def sparse(tensor: Tensor) -> Tensor:
        """Every other number of a tensor twice as long."""
        return tensor.repeat_interleave(2, dim=-1)[..., ::2]

    output = layer(maps, weight, bias, stride=2, padding=1)
    direction = torch.randn(output.shape, generator=torch.Generator().manual_seed(1))
    plain = numbers(maps, weight, bias, direction)
    for form in (shifted, turned, sparse, calls.to_kernel_layout):
        tensors = [form(tensor) if tensor.ndim == 4 else tensor for tensor in (maps, weight)]
        moved_bias = bias if form in (turned, calls.to_kernel_layout) else form(bias)
        found = numbers(*tensors, moved_bias, form(direction))
        assert all(torch.equal(*pair) for pair in zip(found, plain, strict=True)), form.__name__


def test_a_gradient_without_memory_of_its_own_is_read_rightly() -> None:
    """`sum` hands back one number that is expanded: all its strides are 0."""
    images, weight, bias = (
        tensor.requires_grad_() for tensor in tensors_of(EDGES["odd channels"], False)
    )
    output = convolve(images, weight, bias, stride=2, padding=1)
    expanded = torch.autograd.grad(output.sum(), (images, weight, bias), retain_graph=True)
    written = torch.autograd.grad(output, (images, weight, bias), torch.ones_like(output))
    assert all(torch.equal(*pair) for pair in zip(expanded, written, strict=True))


@pytest.mark.filterwarnings("ignore:Input #:UserWarning")
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("name", ["odd channels", "shared products in one row"])
def test_gradients_pass_pytorchs_own_check(name: str, transposed: bool) -> None:
    """A layer is linear in each argument, so a wide step loses nothing, even in float32."""
    edge = EDGES[name]
    layer = convolve_transposed if transposed else convolve
    leaves = [tensor.requires_grad_() for tensor in tensors_of(edge, transposed)]
    assert torch.autograd.gradcheck(
        lambda *tensors: layer(*tensors, stride=edge.stride, padding=edge.padding),
        leaves,
        eps=0.5,
        atol=1e-4,
        rtol=1e-4,
        fast_mode=True,
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("transposed", [False, True])
def test_other_types_are_left_to_pytorch_with_the_error_of_their_type(
    dtype: torch.dtype, transposed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = EDGES["odd channels"]
    layer, definition = (
        (convolve_transposed, defined_transpose) if transposed else (convolve, defined_convolution)
    )
    tensors = [tensor.to(dtype) for tensor in tensors_of(edge, transposed)]
    monkeypatch.setattr(autograd, "layer_output", None)
    output = layer(*tensors, stride=2, padding=1)
    exact = definition(*(tensor.double() for tensor in tensors), stride=2, padding=1)
    magnitude = definition(*(tensor.double().abs() for tensor in tensors), stride=2, padding=1)
    assert output.dtype == dtype
    assert ((output - exact).abs() <= 16 * torch.finfo(dtype).eps * magnitude).all()
