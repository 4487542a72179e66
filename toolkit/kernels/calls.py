"""Kernels called with tensors: weights are packed, outputs and scratch memory allocated."""

from functools import cache
from math import inf

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.kernels.buffers import scratch_size
from toolkit.kernels.convolution import backward, forward
from toolkit.kernels.geometry import Geometry, Shape
from toolkit.threads import in_threads

Gradients = tuple[Tensor | None, Tensor, Tensor]


def to_kernel_layout(weight: Float[Tensor, "f c h w"]) -> Float[Tensor, "f c h w"]:
    """The same weights in the memory order that most kernels read and write: filters last.

    >>> to_kernel_layout(torch.zeros(8, 3, 4, 4)).stride()
    (1, 8, 96, 24)
    """
    return weight.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)


def layer_output(
    maps: Float[Tensor, "n c1 h1 w1"],
    weight: Float[Tensor, "f c k k"],
    bias: Float[Tensor, " c2"] | None,
    geometry: Geometry,
    *,
    relu: bool,
) -> Float[Tensor, "n c2 h2 w2"]:
    """Output of a layer. Threads share the images; the bits of an image do not depend on how."""
    output = _empty_maps(len(maps), geometry.output)
    packed = _packed(weight, geometry, transpose=geometry.transposed)
    start = torch.zeros(geometry.output[0]) if bias is None else bias.contiguous()
    kernel, minimum = forward(geometry), 0.0 if relu else -inf

    def run(scratch: Tensor, share: tuple[Tensor, Tensor]) -> None:
        inputs, outputs = share
        addresses = [tensor.data_ptr() for tensor in (inputs, packed, start, outputs)]
        kernel(*addresses, minimum, scratch.data_ptr(), len(inputs))

    threads = torch.get_num_threads()
    shares = zip(_channels_last(maps).chunk(threads), output.chunk(threads), strict=True)
    in_threads(
        run,
        list(shares),
        lambda *_: None,
        scratch=lambda: torch.zeros(scratch_size(geometry)),
        device=maps.device,
    )
    return output


def layer_gradients(
    maps: Float[Tensor, "n c1 h1 w1"],
    grad_output: Float[Tensor, "n c2 h2 w2"],
    relu_output: Float[Tensor, "n c2 h2 w2"] | None,
    weight: Float[Tensor, "f c k k"],
    geometry: Geometry,
    *,
    grad_input: bool,
) -> Gradients:
    """Gradients by the input maps, the weights and the bias.

    Arguments:
        maps: input of the layer.
        grad_output: gradient by its output.
        relu_output: output of its ReLU; None: it has no ReLU.
        weight: of the layer.
        geometry: of the layer.
        grad_input: whether the gradient by the input maps is needed; else it is None.
    """
    side, channels, filters = geometry.kernel, geometry.image[0], geometry.features[0]
    sizes = (geometry.patch * filters, geometry.output[0], scratch_size(geometry))
    grad_weight, grad_bias, scratch = torch.zeros(sum(sizes)).split(sizes)
    grad_maps = _empty_maps(len(maps), geometry.input) if grad_input else None
    packed = _packed(weight, geometry, transpose=not geometry.transposed) if grad_input else None
    tensors = [
        _channels_last(maps),
        _channels_last(grad_output),
        None if relu_output is None else _channels_last(relu_output),
        packed,
        grad_maps,
        grad_weight,
        grad_bias,
        scratch,
    ]
    kernel = backward(geometry, relu=relu_output is not None, grad_input=grad_input)
    kernel(*[None if tensor is None else tensor.data_ptr() for tensor in tensors], len(maps))
    weights_first = grad_weight.view(side, side, channels, filters).permute(3, 2, 0, 1)
    return grad_maps, weights_first, grad_bias


def _packed(weight: Tensor, geometry: Geometry, *, transpose: bool) -> Tensor:
    """Weights in the order in which a convolution, or its transpose, reads them."""
    if not transpose:
        return weight.permute(2, 3, 1, 0).contiguous()
    if not geometry.phased:
        return weight.permute(0, 2, 3, 1).contiguous()
    taps = weight.permute(2, 3, 0, 1).flatten(0, 1)
    return taps.index_select(0, _phase_order(geometry.kernel, geometry.stride))


def _empty_maps(images: int, shape: Shape) -> Tensor:
    return torch.empty(images, *shape, memory_format=torch.channels_last)


def _channels_last(maps: Tensor) -> Tensor:
    return maps.contiguous(memory_format=torch.channels_last)


@cache
def _phase_order(kernel: int, stride: int) -> Tensor:
    """Indices of a filter's k² weights: phase after phase, reversed within a phase."""
    indices = torch.arange(kernel * kernel).reshape(kernel // stride, stride, -1, stride)
    return indices.flip(0, 2).permute(1, 3, 0, 2).flatten()
