"""The kernels of a convolution, between fine maps and the coarse ones that filters make of them.

    slide    fine -> coarse      a convolution; the gradient of a transposed one by its maps
    spread   coarse -> fine      a transposed convolution; the gradient of a convolution
    weigh    fine, coarse -> weights                    the gradient of either

A kernel goes from image to image, so that all it needs of one stays in a cache: what is added to
an image, or left out of it by a ReLU, costs no walk through memory.
"""

from collections.abc import Sequence
from functools import cache

from llvmlite import ir

from toolkit.kernels.geometry import Geometry
from toolkit.kernels.llvm import COUNT, FLOAT, POINTER, Value
from toolkit.kernels.machine import Kernel
from toolkit.kernels.winograd_writer import PairedWriter
from toolkit.kernels.writer import Writer

FORWARD = [POINTER] * 4 + [FLOAT, POINTER, COUNT]
BACKWARD = [POINTER] * 8 + [COUNT]


@cache
def forward(geometry: Geometry) -> Kernel:
    """kernel(given, weights, start, made, floor, scratch, images): what a layer makes.

    Arguments:
        geometry: of the layer. The weights of `slide` are (k, k, c, f); those of `spread` are
            (s, s, k / s, k / s, f, c) where the geometry is phased, with the filters' rows and
            columns taken apart by phase and turned round within one; otherwise (f, k, k, c).
    """
    writer = _writer(geometry, FORWARD)
    given, weights, start, made, floor = writer.arguments
    writer.prepare(weights, spread=geometry.transposed)

    def image(number: Value) -> None:
        if geometry.transposed:
            frame = writer.frame_coarse(given, number)
            writer.spread(frame, weights, start, made, number, floor)
        else:
            frame = writer.frame_fine(given, number)
            writer.slide(frame, weights, start, made, number, floor)

    return writer.kernel(image)


@cache
def backward(geometry: Geometry, *, relu: bool, inputs: bool) -> Kernel:
    """kernel(given, gradient, made, weights, gradients of given, of weights (k, k, c, f) and of
    bias, scratch, images): the gradients of `forward`; those of weights and bias are added.

    Arguments:
        geometry: of the layer.
        relu: whether what was made was held above 0.
        inputs: whether the gradient of what was given is wanted; its weights are those of the
            other way.
    """
    writer = _writer(geometry, BACKWARD)
    given, gradient, made, weights, lighter, heavier, bias = writer.arguments
    start = writer.code.zeros(geometry.given[0])
    by = made if relu else None
    if inputs:
        writer.prepare(weights, spread=not geometry.transposed)

    def image(number: Value) -> None:
        if geometry.transposed:
            fine = writer.frame_fine(gradient, number, by=by)
            coarse = writer.frame_coarse(given, number)
            writer.tally_fine(fine, bias)
        else:
            fine = writer.frame_fine(given, number)
            coarse = writer.frame_coarse(gradient, number, by=by)
            writer.tally_coarse(coarse, bias)
        writer.weigh(fine, coarse, heavier)
        if inputs and geometry.transposed:
            writer.slide(fine, weights, start, lighter, number, None)
        elif inputs:
            writer.spread(coarse, weights, start, lighter, number, None)

    return writer.kernel(image, after=lambda: writer.finish(heavier))


def _writer(geometry: Geometry, arguments: Sequence[ir.Type]) -> Writer:
    return (PairedWriter if geometry.paired else Writer)(geometry, arguments)
