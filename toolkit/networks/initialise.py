"""Initial weights of a network, from a generator of its own.

PyTorch's constructors draw from the global stream. Here layers are made without memory and filled
from a generator, so that a member's initial weights depend on its seed alone.
"""

import math
from collections.abc import Callable

import torch
from torch import nn

from toolkit.networks.layers import InstanceNorm, LearnedMap

Layer = nn.Linear | nn.Conv2d | nn.ConvTranspose2d
Draw = Callable[[Layer, torch.Generator], None]


def kaiming_uniform(
    network: nn.Module, *, generator: torch.Generator, slope: float = 0.0
) -> nn.Module:
    """Allocate and initialise a network that was made on the `meta` device.

    Weights are uniform with He et al.'s bound for (leaky) ReLU; biases uniform within
    1 / sqrt(fan-in), as PyTorch's own layers have them.

    Arguments:
        network: layers on the `meta` device, in the order in which they are to be drawn.
        generator: the only source of randomness.
        slope: of the leaky ReLU that follows; 0 is ReLU.

    Raises:
        TypeError: a layer of another kind has parameters.
    """

    def draw(layer: Layer, generator: torch.Generator) -> None:
        nn.init.kaiming_uniform_(layer.weight, a=slope, generator=generator)
        _uniform_bias(layer, layer.weight[0].numel(), generator)

    return _filled(network, generator, draw)


def glorot_uniform(network: nn.Module, *, generator: torch.Generator) -> nn.Module:
    """As `kaiming_uniform`, with TensorFlow's initial values.

    Weights are uniform within sqrt(6 / (fan-in + fan-out)), Glorot & Bengio (2010); biases are 0.
    """

    def draw(layer: Layer, generator: torch.Generator) -> None:
        nn.init.xavier_uniform_(layer.weight, generator=generator)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)

    return _filled(network, generator, draw)


def fan_in_uniform(network: nn.Module, *, generator: torch.Generator) -> nn.Module:
    """As `kaiming_uniform`, with Equinox' initial values.

    Weights and biases are uniform within 1 / sqrt(fan-in); the fan-in of a transposed convolution
    is that of its input channels, where PyTorch counts its output channels.
    """

    def draw(layer: Layer, generator: torch.Generator) -> None:
        transposed = isinstance(layer, nn.ConvTranspose2d)
        fan_in = (layer.weight[:, 0] if transposed else layer.weight[0]).numel()
        bound = 1 / math.sqrt(fan_in)
        nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
        _uniform_bias(layer, fan_in, generator)

    return _filled(network, generator, draw)


def _uniform_bias(layer: Layer, fan_in: int, generator: torch.Generator) -> None:
    if layer.bias is not None:
        bound = 1 / math.sqrt(fan_in)
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


@torch.no_grad()
def _filled(network: nn.Module, generator: torch.Generator, draw: Draw) -> nn.Module:
    """Memory for all layers, and numbers for each in turn."""
    for layer in network.modules():
        # Memory, as by `to_empty`, which imports a system for symbolic algebra first
        for name, parameter in layer.named_parameters(recurse=False):
            memory = torch.empty(parameter.shape, dtype=parameter.dtype, device=generator.device)
            setattr(layer, name, nn.Parameter(memory, requires_grad=parameter.requires_grad))
        if isinstance(layer, Layer):
            draw(layer, generator)
        elif isinstance(layer, InstanceNorm) and layer.affine:
            layer.scale.fill_(1.0)
            layer.bias.fill_(0.0)
        elif isinstance(layer, LearnedMap):
            layer.map.fill_(layer.value)
        elif [*layer.parameters(recurse=False), *layer.buffers(recurse=False)]:
            raise TypeError(
                f"the initial values of a {type(layer).__name__} layer are not defined here"
            )
    return network
