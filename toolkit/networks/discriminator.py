"""The density-ratio network of FactorVAE (Kim & Mnih, 2018), https://arxiv.org/abs/1802.05983"""

from itertools import pairwise

import torch
from torch import nn

from toolkit.networks.initialise import kaiming_uniform

SLOPE = 0.2


def discriminator(
    latents: int, *, width: int, hidden: int, generator: torch.Generator
) -> nn.Sequential:
    """From codes (n, d) to two logits: drawn from q(z), or from the product of its marginals.

    >>> network = discriminator(10, width=1000, hidden=6, generator=torch.Generator())
    >>> sum(parameter.numel() for parameter in network.parameters())
    5018002

    Arguments:
        latents: number of channels d.
        width: of each hidden layer; 1,000 in the paper.
        hidden: number of hidden layers; 6 in the paper.
        generator: the only source of randomness.
    """
    layers: list[nn.Module] = []
    with torch.device("meta"):
        for before, after in pairwise([latents] + [width] * hidden):
            layers += [nn.Linear(before, after), nn.LeakyReLU(SLOPE)]
        network = nn.Sequential(*layers, nn.Linear(width if hidden else latents, 2))
    kaiming_uniform(network, generator=generator, slope=SLOPE)
    return network
