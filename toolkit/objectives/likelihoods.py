"""Distortion: minus the log-likelihood of an image given its code, in nats."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

Likelihood = Callable[[Float[Tensor, "n c h w"], Float[Tensor, "n c h w"]], Float[Tensor, " n"]]


def bernoulli(
    logits: Float[Tensor, "n c h w"], images: Float[Tensor, "n c h w"]
) -> Float[Tensor, " n"]:
    """Cross-entropy of every pixel, summed over pixels and colours; one value an image.

    >>> import torch
    >>> bernoulli(torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2))
    tensor([2.7726])

    Arguments:
        logits: of the probability that a pixel is white.
        images: values in [0, 1]; grey values count as probabilities.
    """
    return binary_cross_entropy_with_logits(logits, images, reduction="none").sum(dim=(1, 2, 3))


LIKELIHOODS: dict[str, Likelihood] = {"bernoulli": bernoulli}
