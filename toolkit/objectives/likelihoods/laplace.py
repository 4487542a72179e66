"""Laplace pixels of one declared scale: absolute errors, which give sharper pictures."""

import math
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt
from jaxtyping import Float
from torch import Tensor

from toolkit.objectives.likelihoods.gaussian import Link, linked
from toolkit.objectives.likelihoods.likelihood import Likelihood


@dataclass(frozen=True, kw_only=True)
class Laplace(Likelihood):
    """Every pixel has a Laplace distribution around the decoder's output.

    Arguments:
        scale: mean absolute error of a pixel, above 0; 1 is the plain absolute error.
        link: "identity": outputs are the centres; "sigmoid": they are the centres' logits.
    """

    scale: Annotated[float, Gt(0)] = 0.1
    link: Link = "identity"

    def distortion(
        self, outputs: Float[Tensor, "n c h w"], images: Float[Tensor, "n c h w"]
    ) -> Float[Tensor, " n"]:
        """Absolute errors over the scale, and the constant of the density.

        >>> import torch
        >>> Laplace(scale=0.5).distortion(torch.ones(1, 1, 1, 2), torch.zeros(1, 1, 1, 2))
        tensor([4.])
        """
        errors = (linked(outputs, self.link) - images).abs().sum(dim=(1, 2, 3))
        return errors / self.scale + self.constant(images[0].numel())

    def expected(self, outputs: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The centres, clipped to [0, 1]."""
        return linked(outputs, self.link).clamp(0, 1)

    def constant(self, pixels: int) -> float:
        """Distortion of an exact reconstruction of this many numbers, nats."""
        return pixels * math.log(2 * self.scale)
