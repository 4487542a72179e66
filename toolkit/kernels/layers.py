"""Convolutions for PyTorch's networks: by our kernels where those are quicker, else by PyTorch's.

Ours are for many small members on a processor, each with one thread: float32, few channels. What
lies elsewhere, or is stacked by `vmap`, is PyTorch's.
"""

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from toolkit.kernels.geometry import Geometry
from toolkit.kernels.maps import (
    Gradients,
    slide_gradients,
    slide_maps,
    spread_gradients,
    spread_maps,
)
from toolkit.kernels.plain import plain_convolution, plain_transposed

LARGEST = 128 * 128  # channels times filters up to which ours are the quicker ones


def convolve(
    images: Float[Tensor, "n c h w"],
    weight: Float[Tensor, "f c k k"],
    bias: Float[Tensor, " f"] | None,
    *,
    stride: int,
    padding: int,
    relu: bool = False,
) -> Float[Tensor, "n f i j"]:
    """As `torch.nn.functional.conv2d`, and a ReLU after it if wanted.

    >>> images, weight = torch.ones(1, 1, 4, 4), torch.ones(8, 1, 4, 4)
    >>> convolve(images, weight, None, stride=2, padding=1)[0, 0]
    tensor([[9., 9.],
            [9., 9.]])
    """
    geometry = _between(images.shape[1:], weight.shape, stride, padding)
    if _ours(geometry, images, weight, bias):
        made: Tensor = _Slide.apply(images, weight, bias, geometry, relu)  # type: ignore[no-untyped-call]
        return made
    return _slide(images, weight, bias, geometry, relu)


def convolve_transposed(
    maps: Float[Tensor, "n f i j"],
    weight: Float[Tensor, "f c k k"],
    bias: Float[Tensor, " c"] | None,
    *,
    stride: int,
    padding: int,
    output_padding: int = 0,
    relu: bool = False,
) -> Float[Tensor, "n c h w"]:
    """As `torch.nn.functional.conv_transpose2d`, and a ReLU after it if wanted.

    >>> maps, weight = torch.ones(1, 8, 2, 2), torch.ones(8, 1, 2, 2)
    >>> convolve_transposed(maps, weight, None, stride=2, padding=0)[0, 0, 0]
    tensor([8., 8., 8., 8.])
    """
    geometry = _beyond(maps.shape[1:], weight.shape, stride, padding, output_padding)
    if _ours(geometry, maps, weight, bias):
        made: Tensor = _Spread.apply(maps, weight, bias, geometry, relu)  # type: ignore[no-untyped-call]
        return made
    return _spread(maps, weight, bias, geometry, relu)


Context: TypeAlias = Any  # PyTorch's: holds from the way there to the way back what is put there


def _signed(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """With its signature at hand: PyTorch works it out at every call, which takes as long as a
    small kernel.
    """
    function.__signature__ = signature(function)  # type: ignore[attr-defined]
    return function


Inputs = tuple[Tensor, Tensor, Tensor | None, Geometry, bool]
Dimensions = tuple[int | None, ...]


class _Slide(Function):
    """A convolution."""

    @staticmethod
    @_signed
    def forward(
        images: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, relu: bool
    ) -> Tensor:
        return slide_maps(images, weight, bias, geometry, relu=relu)

    @staticmethod
    def setup_context(ctx: Context, inputs: Inputs, output: Tensor) -> None:
        _remember(ctx, inputs, output)

    @staticmethod
    @once_differentiable
    def backward(ctx: Context, gradient: Tensor) -> tuple[Tensor | None, ...]:
        maps, weight, output = _recalled(ctx)
        inputs = ctx.needs_input_grad[0]
        made = slide_gradients(maps, gradient, output, weight, ctx.geometry, inputs=inputs)
        return _wanted(ctx, made)

    @staticmethod
    def vmap(
        info: object,
        dims: Dimensions,
        images: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        geometry: Geometry,
        relu: bool,
    ) -> tuple[Tensor, int]:
        stacked = torch.vmap(_slide, in_dims=dims)
        return stacked(images, weight, bias, geometry, relu), 0


class _Spread(Function):
    """A transposed convolution."""

    @staticmethod
    @_signed
    def forward(
        maps: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, relu: bool
    ) -> Tensor:
        return spread_maps(maps, weight, bias, geometry, relu=relu)

    @staticmethod
    def setup_context(ctx: Context, inputs: Inputs, output: Tensor) -> None:
        _remember(ctx, inputs, output)

    @staticmethod
    @once_differentiable
    def backward(ctx: Context, gradient: Tensor) -> tuple[Tensor | None, ...]:
        maps, weight, output = _recalled(ctx)
        inputs = ctx.needs_input_grad[0]
        made = spread_gradients(maps, gradient, output, weight, ctx.geometry, inputs=inputs)
        return _wanted(ctx, made)

    @staticmethod
    def vmap(
        info: object,
        dims: Dimensions,
        maps: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        geometry: Geometry,
        relu: bool,
    ) -> tuple[Tensor, int]:
        stacked = torch.vmap(_spread, in_dims=dims)
        return stacked(maps, weight, bias, geometry, relu), 0


def _slide(
    images: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, relu: bool
) -> Tensor:
    """PyTorch's convolution."""
    stride, padding = (geometry.stride,) * 2, (geometry.padding,) * 2
    made = plain_convolution(images, weight, bias, stride=stride, padding=padding)
    return made.relu() if relu else made


def _spread(
    maps: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, relu: bool
) -> Tensor:
    """PyTorch's transposed convolution."""
    made = plain_transposed(
        maps,
        weight,
        bias,
        stride=geometry.stride,
        padding=geometry.padding,
        output_padding=geometry.output_padding,
    )
    return made.relu() if relu else made


def _ours(geometry: Geometry, maps: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Whether our kernels can do it, and are quicker."""
    given = [maps, weight] if bias is None else [maps, weight, bias]
    return (
        torch.get_num_threads() == 1
        and all(one.dtype == torch.float32 and one.device.type == "cpu" for one in given)
        and len(maps) > 0
        and min(*geometry.fine, *geometry.coarse) > 0
        and geometry.fine[0] * geometry.coarse[0] <= LARGEST
        and geometry.fits
    )


@cache
def _between(images: torch.Size, weight: torch.Size, stride: int, padding: int) -> Geometry:
    """Of a convolution of such images."""
    channels, height, width = images
    side = weight[-1]
    return Geometry(
        fine=(channels, height, width),
        coarse=(
            weight[0],
            (height + 2 * padding - side) // stride + 1,
            (width + 2 * padding - side) // stride + 1,
        ),
        kernel=side,
        stride=stride,
        padding=padding,
    )


@cache
def _beyond(
    maps: torch.Size, weight: torch.Size, stride: int, padding: int, extra: int
) -> Geometry:
    """Of a transposed convolution of such maps."""
    filters, below, across = maps
    side = weight[-1]
    return Geometry(
        fine=(
            weight[1],
            (below - 1) * stride - 2 * padding + side + extra,
            (across - 1) * stride - 2 * padding + side + extra,
        ),
        coarse=(filters, below, across),
        kernel=side,
        stride=stride,
        padding=padding,
    )


def _remember(ctx: Context, inputs: Inputs, output: Tensor) -> None:
    maps, weight, _, ctx.geometry, ctx.relu = inputs
    ctx.save_for_backward(maps, weight, *([output] if ctx.relu else []))


def _recalled(ctx: Context) -> tuple[Tensor, Tensor, Tensor | None]:
    maps, weight, *outputs = ctx.saved_tensors
    return maps, weight, outputs[0] if outputs else None


def _wanted(ctx: Context, made: Gradients) -> tuple[Tensor | None, ...]:
    asked = zip(made, ctx.needs_input_grad[:3], strict=True)
    return (*(one if needed else None for one, needed in asked), None, None)
