"""Convolutions for PyTorch's networks: by compiled kernels where they are faster, else by PyTorch.

The kernels are for many small members on a CPU: float32, few channels, one thread in training and
any number without gradients. Other devices and types, and what `vmap` stacks, are left to PyTorch.
The environment variable TOOLKIT_KERNELS=pytorch leaves everything to PyTorch.
"""

import os
from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from toolkit.errors import ToolkitError
from toolkit.kernels.calls import layer_gradients, layer_output
from toolkit.kernels.geometry import Geometry, convolution_geometry, transposed_geometry
from toolkit.kernels.pytorch import plain_convolution, plain_transposed

SWITCH = "TOOLKIT_KERNELS"
LARGEST = 128 * 128  # channels times filters up to which the kernels are faster


def convolve(
    images: Float[Tensor, "n c h w"],
    weight: Float[Tensor, "f c k k"],
    bias: Float[Tensor, " f"] | None,
    *,
    stride: int,
    padding: int,
    relu: bool = False,
) -> Float[Tensor, "n f i j"]:
    """Same as `torch.nn.functional.conv2d`, followed by a ReLU where `relu` is true.

    Raises:
        ToolkitError: TOOLKIT_KERNELS has an unknown value.

    >>> images, weight = torch.ones(1, 1, 4, 4), torch.ones(8, 1, 4, 4)
    >>> convolve(images, weight, None, stride=2, padding=1)[0, 0]
    tensor([[9., 9.],
            [9., 9.]])
    """
    geometry = convolution_geometry(images.shape[1:], weight.shape, stride, padding)
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
    """Same as `torch.nn.functional.conv_transpose2d`, followed by a ReLU where `relu` is true.

    Raises:
        ToolkitError: TOOLKIT_KERNELS has an unknown value.

    >>> maps, weight = torch.ones(1, 8, 2, 2), torch.ones(8, 1, 2, 2)
    >>> convolve_transposed(maps, weight, None, stride=2, padding=0)[0, 0, 0]
    tensor([8., 8., 8., 8.])
    """
    geometry = transposed_geometry(maps.shape[1:], weight.shape, stride, padding, output_padding)
    return _layer(maps, weight, bias, geometry, relu)


def switched_off() -> bool:
    """Whether the environment leaves all convolutions to PyTorch.

    Raises:
        ToolkitError: TOOLKIT_KERNELS has an unknown value.
    """
    value = os.environ.get(SWITCH, "compiled")
    if value not in ("compiled", "pytorch"):
        raise ToolkitError(
            f"{SWITCH} is {value!r}. Set it to 'pytorch' to leave convolutions to PyTorch, or to "
            "'compiled' (the default) to use the compiled kernels."
        )
    return value == "pytorch"


def _layer(
    maps: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, relu: bool
) -> Tensor:
    if switched_off() or not _faster(geometry, maps, weight, bias):
        return _by_pytorch(maps, weight, bias, geometry, relu)
    output: Tensor = _Layer.apply(maps, weight, bias, geometry, relu)  # type: ignore[no-untyped-call]
    return output


Context: TypeAlias = Any  # PyTorch's: carries what `forward` puts there to `backward`


class _Layer(Function):
    """A convolution, or a transposed one, by compiled kernels."""

    @staticmethod
    def forward(
        ctx: Context,
        maps: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        geometry: Geometry,
        relu: bool,
    ) -> Tensor:
        output = layer_output(maps, weight, bias, geometry, relu=relu)
        ctx.geometry = geometry
        ctx.save_for_backward(maps, weight, output if relu else None)
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        maps, weight, relu_output = ctx.saved_tensors
        needed = ctx.needs_input_grad[:3]
        gradients = layer_gradients(
            maps, grad_output, relu_output, weight, ctx.geometry, grad_input=needed[0]
        )
        kept = (grad if wanted else None for grad, wanted in zip(gradients, needed, strict=True))
        return (*kept, None, None)


def _by_pytorch(
    maps: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, relu: bool
) -> Tensor:
    stride, padding = geometry.stride, geometry.padding
    if geometry.transposed:
        extra = geometry.output_padding
        output = plain_transposed(
            maps, weight, bias, stride=stride, padding=padding, output_padding=extra
        )
    else:
        output = plain_convolution(
            maps, weight, bias, stride=(stride, stride), padding=(padding, padding)
        )
    return output.relu() if relu else output


def _faster(geometry: Geometry, maps: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Whether the kernels can do it, and are faster than PyTorch."""
    tensors = [maps, weight] if bias is None else [maps, weight, bias]
    return (
        (torch.get_num_threads() == 1 or not torch.is_grad_enabled())
        and not torch._C._are_functorch_transforms_active()  # stacked by `vmap`
        and all(tensor.dtype == torch.float32 and tensor.device.type == "cpu" for tensor in tensors)
        and len(maps) > 0
        and min(*geometry.image, *geometry.features) > 0
        and geometry.image[0] * geometry.features[0] <= LARGEST
        and geometry.fills_vectors
    )
