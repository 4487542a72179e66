"""What two posteriors share: how far apart they are in each channel, and their averages.

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


def divergence(one: Posterior, other: Posterior) -> Float[Tensor, "n d"]:
    """KL of the first posterior from the second, nats, for each channel.

    >>> unit = Posterior(torch.zeros(1, 1), torch.zeros(1, 1))
    >>> divergence(Posterior(torch.full((1, 1), 2.0), torch.zeros(1, 1)), unit)
    tensor([[2.]])
    """
    apart = (one.mean - other.mean).square() * (-other.log_variance).exp()
    narrower = one.log_variance - other.log_variance
    return (apart + narrower.exp() - 1 - narrower) / 2


def difference(one: Posterior, other: Posterior, *, by: Threshold) -> Float[Tensor, "n d"]:
    """How far apart two posteriors are in each channel; at least 0.

    Arguments:
        by: "kl": of the first from the second, nats; "symmetric_kl": mean of both directions, nats;
            "dist": of the means, in units of the code.
    """
    if by == "dist":
        return (one.mean - other.mean).abs()
    if by == "kl":
        return divergence(one, other)
    return (divergence(one, other) + divergence(other, one)) / 2


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


def mean_of_variances(one: Posterior, other: Posterior) -> Posterior:
    """Average of means and of variances, as a GVAE shares them (Hosoya, 2019)."""
    log_variance = torch.logaddexp(one.log_variance, other.log_variance) - LOG_2
    return Posterior((one.mean + other.mean) / 2, log_variance)


def mean_of_deviations(one: Posterior, other: Posterior) -> Posterior:
    """Average of means and of standard deviations, as https://github.com/nmichlo/disent offers."""
    halves = torch.logaddexp(one.log_variance / 2, other.log_variance / 2) - LOG_2
    return Posterior((one.mean + other.mean) / 2, 2 * halves)


def mean_of_precisions(one: Posterior, other: Posterior) -> Posterior:
    """Average of precisions, and of means weighted by them, as an ML-VAE shares them.

    The product of two posteriors (Bouchacourt et al., 2018) has half this variance; published code
    of Ada-ML-VAE has the average, so that sharing with an equal posterior changes nothing.
    """
    log_precision = torch.logaddexp(-one.log_variance, -other.log_variance) - LOG_2
    weight = torch.sigmoid(other.log_variance - one.log_variance)
    return Posterior(weight * one.mean + (1 - weight) * other.mean, -log_precision)


def share(
    one: Posterior, other: Posterior, shared: Bool[Tensor, "n d"], *, average: Average
) -> tuple[Posterior, Posterior]:
    """Both posteriors, with their average in the shared channels."""
    common = average(one, other)
    first, second = (
        Posterior(
            torch.where(shared, common.mean, own.mean),
            torch.where(shared, common.log_variance, own.log_variance),
        )
        for own in (one, other)
    )
    return first, second
