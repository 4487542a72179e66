"""Layers that several networks share, and the message for images that do not fit."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from toolkit.errors import ToolkitError
from toolkit.networks.autoencoder import ImageShape


class LearnedMap(nn.Module):
    """A feature map that is learned and the same for every image.

    Arguments:
        channels: of the map.
        height, width: of the map.
        value: every number of it before training.
    """

    def __init__(self, channels: int, height: int, width: int, *, value: float) -> None:
        super().__init__()
        self.value = value
        self.map = nn.Parameter(torch.empty(1, channels, height, width))

    def forward(self, count: int) -> Float[Tensor, "n c h w"]:
        """The map, once for each of `count` images."""
        return self.map.expand(count, -1, -1, -1)


class InstanceNorm(nn.Module):
    """Each map of each image is normalised, then scaled and shifted if `affine`.

    Written out, because PyTorch's own norms cannot be stacked with `vmap` where maps lie channels
    last in memory.

    Arguments:
        channels: of the maps.
        affine: whether there are a scale, at first 1, and a bias, at first 0, for each channel.
        epsilon: added to the variance.
    """

    def __init__(self, channels: int, *, affine: bool, epsilon: float = 1e-6) -> None:
        super().__init__()
        self.affine = affine
        self.epsilon = epsilon
        if affine:
            self.scale = nn.Parameter(torch.empty(channels))
            self.bias = nn.Parameter(torch.empty(channels))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The normalised maps."""
        variance, mean = torch.var_mean(maps, dim=(2, 3), correction=0, keepdim=True)
        normalised = (maps - mean) * (variance + self.epsilon).rsqrt()
        if not self.affine:
            return normalised
        return normalised * self.scale[:, None, None] + self.bias[:, None, None]


def dense(*widths: int, activation: type[nn.Module] = nn.ReLU) -> list[nn.Module]:
    """Affine layers from width to width, an activation after each.

    >>> dense(3, 4, 5)
    [Linear(in_features=3, out_features=4, bias=True), ReLU(), \
Linear(in_features=4, out_features=5, bias=True), ReLU()]
    """
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), activation()]
    return layers


def require(fits: bool, name: str, image_shape: ImageShape, *, takes: str, remedy: str) -> None:
    """Refuse images of a shape that a network cannot be built for.

    Arguments:
        fits: whether height and width do.
        name: of the network.
        image_shape: channels, height, width.
        takes: the sizes it takes, in words.
        remedy: what to do.

    Raises:
        ToolkitError: the images do not fit.
    """
    colours, height, width = image_shape
    if not fits or min(image_shape) < 1:
        raise ToolkitError(
            f"the {name} network takes images of {takes}, not "
            f"{colours} x {height} x {width}. {remedy}"
        )
