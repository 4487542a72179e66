"""Gaussian pixels of one declared standard deviation."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt
from jaxtyping import Float
from torch import Tensor

from toolkit.objectives.likelihoods.likelihood import Likelihood

Link = Literal["identity", "sigmoid"]


@dataclass(frozen=True, kw_only=True)
class Gaussian(Likelihood):
    """Every pixel is normal around the decoder's output.

    Arguments:
        scale: standard deviation of a pixel, above 0; 1/√2 is the plain squared error.
        link: "identity": outputs are the means; "sigmoid": they are the means' logits.
    """

    scale: Annotated[float, Gt(0)] = 0.1
    link: Link = "identity"

    def distortion(
        self, outputs: Float[Tensor, "n c h w"], images: Float[Tensor, "n c h w"]
    ) -> Float[Tensor, " n"]:
        """Squared errors over twice the variance, and the constant of the density.

        >>> import torch
        >>> Gaussian(scale=1.0).distortion(torch.ones(1, 1, 1, 2), torch.zeros(1, 1, 1, 2))
        tensor([2.8379])
        """
        errors = (linked(outputs, self.link) - images).square().sum(dim=(1, 2, 3))
        return errors / (2 * self.scale**2) + self.constant(images[0].numel())

    def expected(self, outputs: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The means, clipped to [0, 1]."""
        return linked(outputs, self.link).clamp(0, 1)

    def constant(self, pixels: int) -> float:
        """Distortion of an exact reconstruction of this many numbers, nats."""
        return pixels * (math.log(self.scale) + math.log(2 * math.pi) / 2)


def linked(outputs: Float[Tensor, "n c h w"], link: Link) -> Float[Tensor, "n c h w"]:
    """From the decoder's outputs to the centre of each pixel's distribution."""
    return outputs.sigmoid() if link == "sigmoid" else outputs
