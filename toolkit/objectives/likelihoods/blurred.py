"""Errors of blurred images beside those of pixels: Michlo, Klein & James (2023).

"Overlooked implications of the reconstruction loss for VAE disentanglement",
https://arxiv.org/abs/2202.13341. A blurred error sees that a shape stands one pixel off, where
pixels that do not overlap all look equally wrong. It is no likelihood: it has no normaliser.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d

from toolkit.errors import ToolkitError
from toolkit.objectives.likelihoods.gaussian import Link, linked
from toolkit.objectives.likelihoods.likelihood import Likelihood

WIDTHS = 4  # standard deviations of a Gaussian kernel within its radius


@dataclass(frozen=True, kw_only=True)
class Blurred(Likelihood):
    """Errors of pixels plus errors of both images blurred alike, black beyond their edges.

    Arguments:
        kernel: "box": all ones; "gaussian": a normal density of standard deviation radius / 4.
        radius: the kernel is 2 radius + 1 pixels wide.
        normalise: what the kernel is divided by: its "sum", or "none". As no entry is negative,
            "abssum", "possum" and "maxsum" are the sum too, and "negsum" is refused.
        error: "squared" or "absolute".
        plain: weight of the errors of pixels.
        blurred: weight of the errors after blurring; (2 radius + 1)² in use with boxes.
        link: "identity": outputs are pixels; "sigmoid": they are their logits.

    Raises:
        ToolkitError: the kernel would be divided by a sum that is 0.
    """

    kernel: Literal["box", "gaussian"] = "box"
    radius: Annotated[int, Ge(0)] = 31
    normalise: Literal["sum", "abssum", "possum", "negsum", "maxsum", "none"] = "sum"
    error: Literal["squared", "absolute"] = "squared"
    plain: Annotated[float, Ge(0)] = 1.0
    blurred: Annotated[float, Ge(0)] = 3969.0
    link: Link = "identity"

    def __post_init__(self) -> None:
        if self.normalise == "negsum":
            raise ToolkitError(
                "box and Gaussian kernels have no negative entries, so there is nothing to divide "
                "by. Set `normalise` to sum or none."
            )

    def distortion(
        self, outputs: Float[Tensor, "n c h w"], images: Float[Tensor, "n c h w"]
    ) -> Float[Tensor, " n"]:
        """Both errors, weighted and summed over pixels and colours."""
        errors = linked(outputs, self.link) - images
        line = self.line(images.dtype).to(images.device)
        smooth = blur(errors, line)
        return self.plain * self._summed(errors) + self.blurred * self._summed(smooth)

    def expected(self, outputs: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The pixels, clipped to [0, 1]."""
        return linked(outputs, self.link).clamp(0, 1)

    def line(self, dtype: torch.dtype) -> Float[Tensor, " k"]:
        """A row of the kernel; the kernel is its outer product with itself."""
        at = torch.arange(-self.radius, self.radius + 1, dtype=dtype)
        if self.kernel == "box" or self.radius == 0:
            line = torch.ones_like(at)
        else:
            width = self.radius / WIDTHS
            line = torch.exp(-(at / width).square() / 2) / (width * (2 * torch.pi) ** 0.5)
        return line if self.normalise == "none" else line / line.sum()

    def _summed(self, errors: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
        sizes = errors.square() if self.error == "squared" else errors.abs()
        return sizes.sum(dim=(1, 2, 3))


def blur(images: Float[Tensor, "n c h w"], line: Float[Tensor, " k"]) -> Float[Tensor, "n c h w"]:
    """Every colour convolved with the outer product of `line` with itself; zeros beyond the edges.

    >>> blur(torch.eye(3)[None, None], torch.ones(3))[0, 0].tolist()
    [[2.0, 2.0, 1.0], [2.0, 3.0, 2.0], [1.0, 2.0, 2.0]]

    Arguments:
        images: any numbers.
        line: an odd number of weights, the same from both ends.
    """
    alone, half = images.flatten(0, 1).unsqueeze(1), len(line) // 2
    down = conv2d(alone, line.reshape(1, 1, -1, 1), padding=(half, 0))
    across = conv2d(down, line.reshape(1, 1, 1, -1), padding=(0, half))
    unfolded: Tensor = across.squeeze(1).unflatten(0, images.shape[:2])
    return unfolded
