"""PyTorch's operations in a form of ours, against `conv2d` and `conv_transpose2d` as they are."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d

from toolkit.kernels.pytorch import FEW_COLOURS, plain_convolution, plain_transposed

# channels, filters, kernel, stride, padding, dilation, groups
CONVOLUTIONS = [
    (1, 5, (4, 4), (2, 2), (1, 1), (1, 1), 1),
    (3, 4, (3, 2), (1, 2), (2, 0), (1, 1), 1),
    (FEW_COLOURS, 3, (2, 2), (1, 1), (0, 0), (2, 3), 1),
    (FEW_COLOURS + 1, 3, (3, 3), (2, 1), (1, 0), (2, 1), 1),
    (4, 6, (3, 3), (1, 1), (1, 1), (1, 1), 2),
    (1, 1, (1, 1), (1, 1), (0, 0), (1, 1), 1),
]
# filters, channels, kernel, stride, padding, output padding
TRANSPOSED = [
    (5, 1, 4, 2, 1, 0),
    (4, 3, 3, 2, 1, 1),
    (3, FEW_COLOURS, 2, 3, 0, 2),
    (3, FEW_COLOURS + 1, 4, 2, 1, 1),
    (1, 1, 1, 1, 0, 0),
]


def random(*shape: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()


def assert_same_with_gradients(ours: Tensor, theirs: Tensor, leaves: list[Tensor]) -> None:
    """Equal but for the rounding of float64, in value, first gradient and second gradient."""
    assert ours.shape == theirs.shape
    assert torch.allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    first = [
        torch.autograd.grad(output.square().sum(), leaves, create_graph=True)
        for output in (ours, theirs)
    ]
    second = [
        torch.autograd.grad(sum(part.square().sum() for part in gradients), leaves)
        for gradients in first
    ]
    for mine, other in (*zip(*first, strict=True), *zip(*second, strict=True)):
        assert torch.allclose(mine, other, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
def test_a_convolution_is_that_of_pytorch(
    case: tuple[int, int, tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int], int],
    with_bias: bool,
) -> None:
    channels, filters, kernel, stride, padding, dilation, groups = case
    images = random(2, channels, 7, 8, seed=0)
    weight, bias = random(filters, channels // groups, *kernel, seed=1), random(filters, seed=2)
    leaves = [images, weight, *([bias] if with_bias else [])]
    offset = bias if with_bias else None
    ours = plain_convolution(
        images,
        weight,
        offset,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )
    theirs = conv2d(images, weight, offset, stride, padding, dilation, groups)
    assert_same_with_gradients(ours, theirs, leaves)


@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize("case", TRANSPOSED, ids=str)
def test_a_transposed_convolution_is_that_of_pytorch(
    case: tuple[int, int, int, int, int, int], with_bias: bool
) -> None:
    filters, channels, kernel, stride, padding, extra = case
    maps = random(2, filters, 3, 4, seed=0)
    weight, bias = random(filters, channels, kernel, kernel, seed=1), random(channels, seed=2)
    leaves = [maps, weight, *([bias] if with_bias else [])]
    offset = bias if with_bias else None
    ours = plain_transposed(
        maps, weight, offset, stride=stride, padding=padding, output_padding=extra
    )
    theirs = conv_transpose2d(maps, weight, offset, stride, padding, extra)
    assert_same_with_gradients(ours, theirs, leaves)


def test_gradients_of_first_and_second_order_are_finite_differences() -> None:
    images, weight, bias = random(1, 3, 4, 4, seed=0), random(2, 3, 2, 2, seed=1), random(2, seed=2)

    def layer(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        maps = plain_convolution(images, weight, bias, stride=(2, 2), padding=(1, 1))
        return plain_transposed(maps, weight, None, stride=2, padding=0)

    assert torch.autograd.gradcheck(layer, (images, weight, bias), fast_mode=True)
    assert torch.autograd.gradgradcheck(layer, (images, weight, bias), fast_mode=True)


@pytest.mark.parametrize("channels", [3, FEW_COLOURS + 1])
def test_stacks_of_members_are_members_one_by_one(channels: int) -> None:
    images, weight = random(3, 2, channels, 6, 6, seed=0), random(3, 4, channels, 4, 4, seed=1)
    bias = random(3, channels, seed=2)

    def both_ways(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        maps = plain_convolution(images, weight, None, stride=(2, 2), padding=(1, 1))
        return plain_transposed(maps, weight, bias, stride=2, padding=1)

    together = torch.vmap(both_ways)(images, weight, bias)
    for row, member in enumerate(zip(images, weight, bias, strict=True)):
        assert torch.allclose(together[row], both_ways(*member), rtol=1e-12, atol=1e-12)
