"""Every row of the table in every form, and images that it takes."""

from itertools import pairwise

import torch
from torch import nn

from toolkit.networks import NETWORKS, Autoencoder, Network, QLAELarge, QLAESmall
from toolkit.networks.autoencoder import ImageShape
from toolkit.networks.bottlenecks import Bottleneck

FORMS: dict[str, Network] = {
    **{name: kind() for name, kind in NETWORKS.items()},
    "qlae_large, image": QLAELarge(decoder="image"),
    "qlae_large, one plus": QLAELarge(decoder="style_one_plus"),
    "qlae_small, image": QLAESmall(decoder="image"),
}
SIDES = {
    "burgess": (32, 32),
    "conv": (32, 48),
    "murphy": (28, 32),
    "mlp": (7, 9),
    "tanh_mlp": (7, 9),
    "qlae_large": (32, 48),
    "qlae_small": (48, 32),
}


def a_shape(form: str, colours: int = 1) -> ImageShape:
    """Small images that a form takes."""
    height, width = SIDES.get(form.partition(",")[0], (64, 64))
    return colours, height, width


def built(network: Network, shape: ImageShape, *, seed: int = 0) -> Autoencoder:
    """A network with weights of its own."""
    bottleneck = Bottleneck(network.latents)
    generator = torch.Generator().manual_seed(seed)
    return network.build(shape, bottleneck=bottleneck, generator=generator)


def count(module: nn.Module) -> int:
    """Numbers that are learned."""
    return sum(parameter.numel() for parameter in module.parameters())


def dense(*widths: int) -> int:
    """Numbers of dense layers from width to width, biases and all."""
    return sum((before + 1) * after for before, after in pairwise(widths))
