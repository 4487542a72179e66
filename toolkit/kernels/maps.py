"""The kernels called with tensors: weights are packed, results and scratch are made."""

from functools import cache
from math import inf

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.kernels.convolution import room, slide, slide_back, spread, spread_back
from toolkit.kernels.geometry import Geometry, Shape
from toolkit.kernels.machine import Kernel

Gradients = tuple[Tensor | None, Tensor, Tensor]


def laid_out(weight: Float[Tensor, "f c h w"]) -> Float[Tensor, "f c h w"]:
    """The same numbers in the order in memory in which most kernels read and write them.

    >>> laid_out(torch.zeros(8, 3, 4, 4)).stride()
    (1, 8, 96, 24)
    """
    return weight.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)


def slide_maps(
    fine: Float[Tensor, "n c h w"],
    weight: Float[Tensor, "f c k k"],
    bias: Float[Tensor, " f"] | None,
    geometry: Geometry,
    *,
    relu: bool,
) -> Float[Tensor, "n f i j"]:
    """From fine maps to coarse ones."""
    made = _maps(len(fine), geometry.coarse)
    _forward(slide(geometry), fine, _for_slide(weight), bias, made, geometry, relu)
    return made


def spread_maps(
    coarse: Float[Tensor, "n f i j"],
    weight: Float[Tensor, "f c k k"],
    bias: Float[Tensor, " c"] | None,
    geometry: Geometry,
    *,
    relu: bool,
) -> Float[Tensor, "n c h w"]:
    """From coarse maps to fine ones."""
    made = _maps(len(coarse), geometry.fine)
    _forward(spread(geometry), coarse, _for_spread(weight, geometry), bias, made, geometry, relu)
    return made


def slide_gradients(
    fine: Float[Tensor, "n c h w"],
    gradient: Float[Tensor, "n f i j"],
    coarse: Float[Tensor, "n f i j"] | None,
    weight: Float[Tensor, "f c k k"],
    geometry: Geometry,
    *,
    inputs: bool,
) -> Gradients:
    """Those of fine maps, weights and bias.

    Arguments:
        fine: what slid.
        gradient: of the coarse maps.
        coarse: what a ReLU gave; None: there was none.
        weight: of the layer.
        geometry: of it.
        inputs: whether the gradient of the fine maps is wanted.
    """
    kernel = slide_back(geometry, relu=coarse is not None, inputs=inputs)
    made = _maps(len(fine), geometry.fine) if inputs else None
    packed = _for_spread(weight, geometry) if inputs else None
    return _backward(kernel, fine, gradient, coarse, packed, made, geometry)


def spread_gradients(
    coarse: Float[Tensor, "n f i j"],
    gradient: Float[Tensor, "n c h w"],
    fine: Float[Tensor, "n c h w"] | None,
    weight: Float[Tensor, "f c k k"],
    geometry: Geometry,
    *,
    inputs: bool,
) -> Gradients:
    """Those of coarse maps, weights and bias; as `slide_gradients`."""
    kernel = spread_back(geometry, relu=fine is not None, inputs=inputs)
    made = _maps(len(coarse), geometry.coarse) if inputs else None
    packed = _for_slide(weight) if inputs else None
    return _backward(kernel, coarse, gradient, fine, packed, made, geometry)


def _forward(
    kernel: Kernel,
    maps: Tensor,
    packed: Tensor,
    bias: Tensor | None,
    made: Tensor,
    geometry: Geometry,
    relu: bool,
) -> None:
    start = torch.zeros(made.shape[1]) if bias is None else bias.contiguous()
    given = [_last(maps), packed, start, made, torch.zeros(room(geometry))]
    kernel(*[one.data_ptr() for one in given], 0.0 if relu else -inf, len(maps))


def _backward(
    kernel: Kernel,
    maps: Tensor,
    gradient: Tensor,
    output: Tensor | None,
    packed: Tensor | None,
    made: Tensor | None,
    geometry: Geometry,
) -> Gradients:
    side, channels, filters = geometry.kernel, geometry.fine[0], geometry.coarse[0]
    sizes = (geometry.reached * filters, gradient.shape[1], room(geometry))
    heavier, bias, scratch = torch.zeros(sum(sizes)).split(sizes)
    shown = None if output is None else _last(output)
    given = [_last(maps), _last(gradient), shown, packed, made, heavier, bias, scratch]
    kernel(*[None if one is None else one.data_ptr() for one in given], len(maps))
    return made, heavier.view(side, side, channels, filters).permute(3, 2, 0, 1), bias


def _for_slide(weight: Tensor) -> Tensor:
    return weight.permute(2, 3, 1, 0).contiguous()


def _for_spread(weight: Tensor, geometry: Geometry) -> Tensor:
    if not geometry.phased:
        return weight.permute(0, 2, 3, 1).contiguous()
    taps = weight.permute(2, 3, 0, 1).flatten(0, 1)
    return taps.index_select(0, _by_phase(geometry.kernel, geometry.stride))


def _maps(images: int, shape: Shape) -> Tensor:
    return torch.empty(images, *shape, memory_format=torch.channels_last)


def _last(maps: Tensor) -> Tensor:
    return maps.contiguous(memory_format=torch.channels_last)


@cache
def _by_phase(kernel: int, stride: int) -> Tensor:
    """Filters' pixels (k²), phase after phase, backwards within one."""
    places = torch.arange(kernel * kernel).reshape(kernel // stride, stride, -1, stride)
    return places.flip(0, 2).permute(1, 3, 0, 2).flatten()
