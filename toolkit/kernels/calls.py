"""The kernels called with tensors: weights are packed, results and scratch are made."""

from functools import cache
from math import inf

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.kernels.buffers import room
from toolkit.kernels.convolution import backward, forward
from toolkit.kernels.geometry import Geometry, Shape
from toolkit.threads import in_threads

Gradients = tuple[Tensor | None, Tensor, Tensor]


def laid_out(weight: Float[Tensor, "f c h w"]) -> Float[Tensor, "f c h w"]:
    """The same numbers in the order in memory in which most kernels read and write them.

    >>> laid_out(torch.zeros(8, 3, 4, 4)).stride()
    (1, 8, 96, 24)
    """
    return weight.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)


def made_maps(
    maps: Float[Tensor, "n c1 h1 w1"],
    weight: Float[Tensor, "f c k k"],
    bias: Float[Tensor, " c2"] | None,
    geometry: Geometry,
    *,
    relu: bool,
) -> Float[Tensor, "n c2 h2 w2"]:
    """What a layer makes of maps; threads share the images, and each of these has the same bits
    whoever makes it.
    """
    made = _maps(len(maps), geometry.made)
    packed = _packed(weight, geometry, spread=geometry.transposed)
    start = torch.zeros(geometry.made[0]) if bias is None else bias.contiguous()
    kernel, floor = forward(geometry), 0.0 if relu else -inf

    def make(scratch: Tensor, share: tuple[Tensor, Tensor]) -> None:
        given, own = share
        used = [one.data_ptr() for one in (given, packed, start, own)]
        kernel(*used, floor, scratch.data_ptr(), len(given))

    threads = torch.get_num_threads()
    shares = list(zip(_last(maps).chunk(threads), made.chunk(threads), strict=True))
    in_threads(
        make,
        shares,
        lambda *_: None,
        scratch=lambda: torch.zeros(room(geometry)),
        device=maps.device,
    )
    return made


def gradients(
    maps: Float[Tensor, "n c1 h1 w1"],
    gradient: Float[Tensor, "n c2 h2 w2"],
    made: Float[Tensor, "n c2 h2 w2"] | None,
    weight: Float[Tensor, "f c k k"],
    geometry: Geometry,
    *,
    inputs: bool,
) -> Gradients:
    """Those of maps, weights and bias.

    Arguments:
        maps: what the layer was given.
        gradient: of what it made.
        made: what a ReLU gave; None: there was none.
        weight: of the layer.
        geometry: of it.
        inputs: whether the gradient of the maps is wanted.
    """
    side, channels, filters = geometry.kernel, geometry.fine[0], geometry.coarse[0]
    sizes = (geometry.reached * filters, geometry.made[0], room(geometry))
    heavier, bias, scratch = torch.zeros(sum(sizes)).split(sizes)
    lighter = _maps(len(maps), geometry.given) if inputs else None
    packed = _packed(weight, geometry, spread=not geometry.transposed) if inputs else None
    shown = None if made is None else _last(made)
    given = [_last(maps), _last(gradient), shown, packed, lighter, heavier, bias, scratch]
    kernel = backward(geometry, relu=made is not None, inputs=inputs)
    kernel(*[None if one is None else one.data_ptr() for one in given], len(maps))
    return lighter, heavier.view(side, side, channels, filters).permute(3, 2, 0, 1), bias


def _packed(weight: Tensor, geometry: Geometry, *, spread: bool) -> Tensor:
    """Weights in the order in which sliding or spreading reads them."""
    if not spread:
        return weight.permute(2, 3, 1, 0).contiguous()
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
