"""What two posteriors share: their difference in each channel, and their averages.

Locatello et al., "Weakly-supervised disentanglement without compromises" (ICML 2020),
https://arxiv.org/abs/2002.02886; the symmetric divergence is that of Dittadi et al. (2020),
https://arxiv.org/abs/2010.14407.
"""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

LOG_2 = math.log(2)
Threshold = Literal["kl", "symmetric_kl", "dist"]


class Posterior(NamedTuple):
    """Normal posteriors: mean (n, d) and log-variance (n, d)."""

    mean: Float[Tensor, "n d"]
    log_variance: Float[Tensor, "n d"]


Average = Callable[[Posterior, Posterior], Posterior]


def divergence(first: Posterior, second: Posterior) -> Float[Tensor, "n d"]:
    """KL of the first posterior from the second, nats, for each channel.

    >>> unit = Posterior(torch.zeros(1, 1), torch.zeros(1, 1))
    >>> divergence(Posterior(torch.full((1, 1), 2.0), torch.zeros(1, 1)), unit)
    tensor([[2.]])
    """
    squared = (first.mean - second.mean).square() * (-second.log_variance).exp()
    log_ratio = first.log_variance - second.log_variance
    return (squared + log_ratio.exp() - 1 - log_ratio) / 2


def difference(first: Posterior, second: Posterior, *, by: Threshold) -> Float[Tensor, "n d"]:
    """Difference of two posteriors in each channel; at least 0.

    Arguments:
        by: "kl": of the first from the second, nats; "symmetric_kl": mean of both directions, nats;
            "dist": of the means, in units of the code.
    """
    if by == "dist":
        return (first.mean - second.mean).abs()
    if by == "kl":
        return divergence(first, second)
    return (divergence(first, second) + divergence(second, first)) / 2


def shared_channels(
    differences: Float[Tensor, "n d"], *, ratio: float | Tensor
) -> Bool[Tensor, "n d"]:
    """The channels whose difference is below a threshold between the least and the greatest one.

    >>> shared_channels(torch.tensor([[0.0, 1.0, 3.0, 4.0]]), ratio=0.5)
    tensor([[ True,  True, False, False]])

    Arguments:
        ratio: where the threshold lies: 0 at the least, where nothing is shared; 1 at the greatest.
    """
    least = differences.amin(dim=1, keepdim=True)
    greatest = differences.amax(dim=1, keepdim=True)
    threshold = (least + ratio * (greatest - least)).minimum(greatest)  # rounding may pass it
    return differences < threshold


def mean_of_variances(first: Posterior, second: Posterior) -> Posterior:
    """Average of means and of variances, as a GVAE shares them (Hosoya, 2019)."""
    log_variance = torch.logaddexp(first.log_variance, second.log_variance) - LOG_2
    return Posterior((first.mean + second.mean) / 2, log_variance)


def mean_of_deviations(first: Posterior, second: Posterior) -> Posterior:
    """Average of means and of standard deviations, as https://github.com/nmichlo/disent offers."""
    halves = torch.logaddexp(first.log_variance / 2, second.log_variance / 2) - LOG_2
    return Posterior((first.mean + second.mean) / 2, 2 * halves)


def mean_of_precisions(first: Posterior, second: Posterior) -> Posterior:
    """Average of precisions, and of means weighted by them, as an ML-VAE shares them.

    The product of two posteriors (Bouchacourt et al., 2018) has half this variance; published code
    of Ada-ML-VAE has the average, so that sharing with an equal posterior changes nothing.
    """
    log_precision = torch.logaddexp(-first.log_variance, -second.log_variance) - LOG_2
    weight = torch.sigmoid(second.log_variance - first.log_variance)
    return Posterior(weight * first.mean + (1 - weight) * second.mean, -log_precision)


def share(
    first: Posterior, second: Posterior, shared: Bool[Tensor, "n d"], *, average: Average
) -> tuple[Posterior, Posterior]:
    """Both posteriors, with their average in the shared channels."""
    common = average(first, second)
    first, second = (
        Posterior(
            torch.where(shared, common.mean, posterior.mean),
            torch.where(shared, common.log_variance, posterior.log_variance),
        )
        for posterior in (first, second)
    )
    return first, second
