"""Convolutions for PyTorch's networks: by our kernels where those are quicker, else by PyTorch's.

Ours are for many small members on a processor, each trained with one thread and asked with any
number: float32, few channels. What lies elsewhere, or is stacked by `vmap`, is PyTorch's.
"""

from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from toolkit.kernels.calls import gradients, made_maps
from toolkit.kernels.geometry import Geometry, sliding, spreading
from toolkit.kernels.pytorch import plain_convolution, plain_transposed

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
    geometry = sliding(images.shape[1:], weight.shape, stride, padding)
    return _layer(images, weight, bias, geometry, relu)


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
    geometry = spreading(maps.shape[1:], weight.shape, stride, padding, output_padding)
    return _layer(maps, weight, bias, geometry, relu)


def _layer(
    maps: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, relu: bool
) -> Tensor:
    if not _ours(geometry, maps, weight, bias):
        return _pytorchs(maps, weight, bias, geometry, relu)
    made: Tensor = _Ours.apply(maps, weight, bias, geometry, relu)  # type: ignore[no-untyped-call]
    return made


Context: TypeAlias = Any  # PyTorch's: holds from the way there to the way back what is put there


class _Ours(Function):
    """A convolution, or a transposed one, by our kernels."""

    @staticmethod
    def forward(
        ctx: Context,
        maps: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        geometry: Geometry,
        relu: bool,
    ) -> Tensor:
        made = made_maps(maps, weight, bias, geometry, relu=relu)
        ctx.geometry = geometry
        ctx.save_for_backward(maps, weight, made if relu else None)
        return made

    @staticmethod
    @once_differentiable
    def backward(ctx: Context, gradient: Tensor) -> tuple[Tensor | None, ...]:
        maps, weight, output = ctx.saved_tensors
        asked = ctx.needs_input_grad[:3]
        made = gradients(maps, gradient, output, weight, ctx.geometry, inputs=asked[0])
        wanted = (one if needed else None for one, needed in zip(made, asked, strict=True))
        return (*wanted, None, None)


def _pytorchs(
    maps: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, relu: bool
) -> Tensor:
    """The same by PyTorch."""
    stride, padding = geometry.stride, geometry.padding
    if geometry.transposed:
        extra = geometry.output_padding
        made = plain_transposed(
            maps, weight, bias, stride=stride, padding=padding, output_padding=extra
        )
    else:
        made = plain_convolution(
            maps, weight, bias, stride=(stride, stride), padding=(padding, padding)
        )
    return made.relu() if relu else made


def _ours(geometry: Geometry, maps: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Whether our kernels can do it, and are quicker."""
    given = [maps, weight] if bias is None else [maps, weight, bias]
    return (
        (torch.get_num_threads() == 1 or not torch.is_grad_enabled())
        and not torch._C._are_functorch_transforms_active()  # stacked by `vmap`
        and all(one.dtype == torch.float32 and one.device.type == "cpu" for one in given)
        and len(maps) > 0
        and min(*geometry.fine, *geometry.coarse) > 0
        and geometry.fine[0] * geometry.coarse[0] <= LARGEST
        and geometry.fits
    )
