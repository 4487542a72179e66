"""Bernoulli pixels: the likelihood of Kingma & Welling (2013), https://arxiv.org/abs/1312.6114."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from toolkit.objectives.likelihoods.likelihood import Likelihood


@dataclass(frozen=True, kw_only=True)
class Bernoulli(Likelihood):
    """Every pixel is white with a probability whose logit is the decoder's output."""

    def distortion(
        self, outputs: Float[Tensor, "n c h w"], images: Float[Tensor, "n c h w"]
    ) -> Float[Tensor, " n"]:
        """Cross-entropy of every pixel, summed; grey values count as probabilities."""
        return bernoulli(outputs, images)

    def expected(self, outputs: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The probabilities."""
        return outputs.sigmoid()


def bernoulli(
    logits: Float[Tensor, "n c h w"], images: Float[Tensor, "n c h w"]
) -> Float[Tensor, " n"]:
    """Cross-entropy of every pixel, summed over pixels and colours; nats per image.

    >>> import torch
    >>> bernoulli(torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2))
    tensor([2.7726])

    Arguments:
        logits: of the probability that a pixel is white.
        images: values in [0, 1]; grey values count as probabilities.
    """
    return binary_cross_entropy_with_logits(logits, images, reduction="none").sum(dim=(1, 2, 3))
