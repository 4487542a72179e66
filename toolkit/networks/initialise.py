"""Drawing the first weights of a network from a generator of its own.

PyTorch's constructors draw from the global stream. Here layers are made without numbers and filled
from a generator, so that a member's first weights depend on its seed and nothing else.
"""

import math

import torch
from torch import nn

Layer = nn.Linear | nn.Conv2d | nn.ConvTranspose2d


@torch.no_grad()
def kaiming_uniform(
    network: nn.Module, *, generator: torch.Generator, slope: float = 0.0
) -> nn.Module:
    """Give a network made on the `meta` device its memory and its first numbers.

    Weights are uniform with He et al.'s bound for (leaky) ReLU; biases uniform within
    1 / sqrt(fan-in), as PyTorch's own layers have them.

    Arguments:
        network: layers on the `meta` device, in the order in which they are to be drawn.
        generator: the only source of randomness.
        slope: of the leaky ReLU that follows; 0 is ReLU.

    Raises:
        TypeError: a layer has numbers of a kind that is not drawn here.
    """
    network.to_empty(device=generator.device)
    for layer in network.modules():
        if isinstance(layer, Layer):
            nn.init.kaiming_uniform_(layer.weight, a=slope, generator=generator)
            if layer.bias is not None:
                fan_in = layer.weight[0].numel()
                nn.init.uniform_(
                    layer.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), generator=generator
                )
        elif [*layer.parameters(recurse=False), *layer.buffers(recurse=False)]:
            raise TypeError(f"nobody draws the first numbers of a {type(layer).__name__} layer")
    return network
