"""Continuous Bernoulli pixels: Loaiza-Ganem & Cunningham (NeurIPS 2019).

https://arxiv.org/abs/1907.06845. A density on [0, 1] proportional to p^x (1 - p)^(1 - x). In the
logit y of p its normaliser is y / tanh(y / 2) and its mean 1 / (1 - e^-y) - 1 / y; near y = 0,
where both are 0 / 0, their Taylor series stand in.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

from toolkit.objectives.likelihoods.bernoulli import bernoulli
from toolkit.objectives.likelihoods.likelihood import Likelihood

NEAR = 0.3  # |logit| below which the series are used: their next terms are below 1e-9


@dataclass(frozen=True, kw_only=True)
class ContinuousBernoulli(Likelihood):
    """Every pixel is a grey value drawn from a continuous Bernoulli; the decoder gives logits."""

    def distortion(
        self, outputs: Float[Tensor, "n c h w"], images: Float[Tensor, "n c h w"]
    ) -> Float[Tensor, " n"]:
        """Cross-entropy minus the logarithm of the normaliser, summed; may be negative."""
        return bernoulli(outputs, images) - log_normaliser(outputs).sum(dim=(1, 2, 3))

    def expected(self, outputs: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The means: nearer to 1/2 than the probabilities."""
        near, far = _apart(outputs)
        square = near.square()
        series = near * (1 / 12 - square / 720 + square.square() / 30_240)
        # Mean minus probability: 1 / (1 - e^-y) - 1 / (1 + e^-y) = 1 / sinh y
        mean_minus_p = 1 / far.clamp(-80, 80).sinh() - 1 / far
        return torch.where(outputs.abs() < NEAR, 0.5 + series, far.sigmoid() + mean_minus_p)


def log_normaliser(logits: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """Logarithm of what makes the density integrate to 1, per pixel; log 2 for p = 1/2.

    >>> import torch
    >>> log_normaliser(torch.zeros(1, 1, 1, 1)).item() == torch.tensor(2.0).log().item()
    True
    """
    near, far = _apart(logits)
    square = near.square()
    series = square * (
        1 / 12 - square * (7 / 1440 - square * (31 / 90_720 - square * 127 / 4.8384e6))
    )
    size = far.abs()
    # log tanh(y / 2) = log(1 - e^-y) - log(1 + e^-y), which holds for any size of y
    log_tanh = (-torch.expm1(-size)).log() - softplus(-size)
    return torch.where(logits.abs() < NEAR, math.log(2) + series, size.log() - log_tanh)


def _apart(
    logits: Float[Tensor, "n c h w"],
) -> tuple[Float[Tensor, "n c h w"], Float[Tensor, "n c h w"]]:
    """Logits for the series and for the closed form; each 0 or 1 where the other is used.

    Without that the unused branch would give NaN to the gradient.
    """
    near = logits.abs() < NEAR
    return torch.where(near, logits, 0.0), torch.where(near, 1.0, logits)
