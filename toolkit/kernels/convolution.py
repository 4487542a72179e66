"""The two kernels of a layer: forward and backward.

Both stand between image maps (large, few channels) and the feature maps that filters make of them:

    convolve          image -> features      a convolution; grad_input of a transposed one
    transpose         features -> image      a transposed convolution; grad_input of a convolution
    weight_gradient   image, features -> weights                 grad_weight of either

A kernel works image by image, so all that it needs of one image stays in the CPU's cache; adding a
bias and applying a ReLU cost no further pass through memory.
"""

from collections.abc import Sequence
from functools import cache

from llvmlite import ir

from toolkit.kernels.geometry import Geometry
from toolkit.kernels.llvm import COUNT, FLOAT, POINTER, Value
from toolkit.kernels.machine import Kernel
from toolkit.kernels.winograd_writer import WinogradWriter
from toolkit.kernels.writer import Writer

FORWARD = [POINTER] * 4 + [FLOAT, POINTER, COUNT]
BACKWARD = [POINTER] * 8 + [COUNT]


@cache
def forward(geometry: Geometry) -> Kernel:
    """kernel(input, weights, bias, output, minimum, scratch, images): the output of a layer.

    Arguments:
        geometry: of the layer. The weights of a convolution are (k, k, c, f). Those of its
            transpose are (s, s, k / s, k / s, f, c) where the geometry is phased, the filters' rows
            and columns split by phase and reversed within a phase; otherwise (f, k, k, c).
    """
    writer = _writer(geometry, FORWARD)
    maps, weights, start, output, minimum = writer.arguments
    writer.prepare(weights, transpose=geometry.transposed)

    def image(number: Value) -> None:
        if geometry.transposed:
            padded = writer.pad_features(maps, number)
            writer.transpose(padded, weights, start, output, number, minimum)
        else:
            padded = writer.pad_image(maps, number)
            writer.convolve(padded, weights, start, output, number, minimum)

    return writer.compile(image)


@cache
def backward(geometry: Geometry, *, relu: bool, grad_input: bool) -> Kernel:
    """kernel(input, grad_output, output, weights, grad_input, grad_weight (k, k, c, f), grad_bias,
    scratch, images): the gradients of `forward`; grad_weight and grad_bias are added to.

    Arguments:
        geometry: of the layer.
        relu: whether the output went through a ReLU.
        grad_input: whether the gradient by the input is needed; its weights are packed for the
            opposite direction.
    """
    writer = _writer(geometry, BACKWARD)
    maps, grad_output, output, weights, grad_maps, grad_weight, grad_bias = writer.arguments
    start = writer.code.zeros(geometry.input[0])
    relu_output = output if relu else None
    if grad_input:
        writer.prepare(weights, transpose=not geometry.transposed)

    def image(number: Value) -> None:
        if geometry.transposed:
            padded_image = writer.pad_image(grad_output, number, relu_output=relu_output)
            padded_features = writer.pad_features(maps, number)
            writer.image_bias_gradient(padded_image, grad_bias)
        else:
            padded_image = writer.pad_image(maps, number)
            padded_features = writer.pad_features(grad_output, number, relu_output=relu_output)
            writer.feature_bias_gradient(padded_features, grad_bias)
        # Gradient of weights
        writer.weight_gradient(padded_image, padded_features, grad_weight)
        # Gradient of the input: the opposite direction
        if grad_input and geometry.transposed:
            writer.convolve(padded_image, weights, start, grad_maps, number, None)
        elif grad_input:
            writer.transpose(padded_features, weights, start, grad_maps, number, None)

    return writer.compile(image, after=lambda: writer.finish(grad_weight))


def _writer(geometry: Geometry, arguments: Sequence[ir.Type]) -> Writer:
    return (WinogradWriter if geometry.winograd else Writer)(geometry, arguments)
