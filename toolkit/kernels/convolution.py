"""The kernels of a convolution, between fine maps and the coarse ones that filters make of them.

    slide    fine -> coarse      a convolution; the gradient of a transposed one by its maps
    spread   coarse -> fine      a transposed convolution; the gradient of a convolution
    weigh    fine, coarse -> weights                    the gradient of either

A kernel goes from image to image, so that all it needs of one stays in a cache: what is added to
an image, or left out of it by a ReLU, costs no walk through memory.
"""

from functools import cache

from toolkit.kernels.code import COUNT, FLOAT, POINTER, Value
from toolkit.kernels.geometry import Geometry
from toolkit.kernels.machine import Kernel
from toolkit.kernels.writer import Writer, places

FORWARD = [POINTER] * 5 + [FLOAT, COUNT]
BACKWARD = [POINTER] * 8 + [COUNT]


@cache
def room(geometry: Geometry) -> int:
    """Numbers of scratch that a kernel wants; all zero at first."""
    return places(geometry)[-1]


@cache
def slide(geometry: Geometry) -> Kernel:
    """kernel(fine, weights, start (f), coarse, scratch, floor, images): a convolution.

    The weights are (k, k, c, f).
    """
    writer = Writer(geometry, FORWARD)
    fine, weights, start, coarse, scratch, floor, images = writer.arguments

    def image(number: Value) -> None:
        frame = writer.frame_fine(fine, number, scratch)
        writer.slide(frame, weights, start, coarse, number, floor)

    return writer.kernel(images, image)


@cache
def spread(geometry: Geometry) -> Kernel:
    """kernel(coarse, weights, start (c), fine, scratch, floor, images): a transposed convolution.

    The weights are (s, s, k / s, k / s, f, c) where the geometry is phased, with the filters' rows
    and columns taken apart by phase and turned round within one; otherwise (f, k, k, c).
    """
    writer = Writer(geometry, FORWARD)
    coarse, weights, start, fine, scratch, floor, images = writer.arguments

    def image(number: Value) -> None:
        frame = writer.frame_coarse(coarse, number, scratch)
        writer.spread(frame, weights, start, fine, number, floor, scratch)

    return writer.kernel(images, image)


@cache
def slide_back(geometry: Geometry, *, relu: bool, inputs: bool) -> Kernel:
    """kernel(fine, gradient, coarse, weights, fine gradient, weight gradient (k, k, c, f), bias
    gradient (f), scratch, images): the gradients of `slide`; those of weights and bias are added.

    Arguments:
        geometry: of the convolution.
        relu: whether what `slide` gave, the coarse maps, was held above 0.
        inputs: whether the gradient of the fine maps is wanted; its weights are those of `spread`.
    """
    writer = Writer(geometry, BACKWARD)
    fine, gradient, coarse, weights, made, heavier, bias, scratch, images = writer.arguments

    def image(number: Value) -> None:
        frame = writer.frame_fine(fine, number, scratch)
        changes = writer.frame_coarse(gradient, number, scratch, by=coarse if relu else None)
        writer.tally_coarse(changes, bias)
        writer.weigh(frame, changes, heavier)
        if inputs:
            start = writer.code.zeros(geometry.fine[0])
            writer.spread(changes, weights, start, made, number, None, scratch)

    return writer.kernel(images, image)


@cache
def spread_back(geometry: Geometry, *, relu: bool, inputs: bool) -> Kernel:
    """kernel(coarse, gradient, fine, weights, coarse gradient, weight gradient (k, k, c, f), bias
    gradient (c), scratch, images): the gradients of `spread`; those of weights and bias are added.

    Arguments:
        geometry: of the convolution.
        relu: whether what `spread` gave, the fine maps, was held above 0.
        inputs: whether the gradient of the coarse maps is wanted; its weights are those of `slide`.
    """
    writer = Writer(geometry, BACKWARD)
    coarse, gradient, fine, weights, made, heavier, bias, scratch, images = writer.arguments

    def image(number: Value) -> None:
        changes = writer.frame_fine(gradient, number, scratch, by=fine if relu else None)
        frame = writer.frame_coarse(coarse, number, scratch)
        writer.tally_fine(changes, bias)
        writer.weigh(changes, frame, heavier)
        if inputs:
            start = writer.code.zeros(geometry.coarse[0])
            writer.slide(changes, weights, start, made, number, None)

    return writer.kernel(images, image)
