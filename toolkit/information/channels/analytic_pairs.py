"""Pairs of channels whose information, NMI and VI are known exactly, and draws of them.

Their means are jointly normal over images and their widths constant, so what infinitely many images
would give is a Gaussian integral. Intervals are examined on them (`benchmarks/coverage.py`).
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError


class AnalyticPair(NamedTuple):
    """What infinitely many images would give. Bits, except NMI, which has no unit."""

    information: tuple[float, float]
    joint: float
    nmi: float
    vi: float


def gaussian_information(sharpness: Float[Tensor, " d"], covariance: Float[Tensor, "d d"]) -> float:
    r"""Information of channels together whose means are jointly normal, for infinitely many images.

    The coefficient of two images is :math:`\exp(-\sum_d k_d (x_d - x'_d)^2)`. With x of covariance
    S and K the diagonal matrix of k, the mean over x' and then the mean logarithm over x are
    Gaussian integrals:

    .. math:: \tfrac12 \log_2 \det(1 + 2 K S) + \operatorname{tr}(K (1 + 2 S K)^{-1} S) / \ln 2

    Arguments:
        sharpness: k of each channel, one over 8 times its variance.
        covariance: S of their means.

    A blunt channel knows nothing:

    >>> gaussian_information(torch.zeros(1), torch.ones(1, 1))
    0.0
    """
    k, one = torch.diag(sharpness), torch.eye(len(sharpness)).to(sharpness)
    spread = torch.logdet(one + 2 * k @ covariance) / 2
    tail = torch.trace(k @ torch.linalg.inv(one + 2 * covariance @ k) @ covariance)
    return float(spread + tail) / math.log(2)


def analytic_pair(first: float, second: float, correlation: float) -> AnalyticPair:
    """What two channels of such sharpness know whose means have unit variance.

    Arguments:
        first: sharpness of the first channel, above 0: one over 8 times its variance.
        second: sharpness of the second.
        correlation: of their means over images.

    Raises:
        ToolkitError: a sharpness or the correlation is impossible.

    Equal channels share all they know:

    >>> pair = analytic_pair(5.0, 5.0, 1.0)
    >>> round(pair.nmi, 9), abs(round(pair.vi, 9))
    (1.0, 0.0)
    """
    if min(first, second) <= 0 or abs(correlation) > 1:
        raise ToolkitError(
            f"sharpness {first:g} and {second:g} with correlation {correlation:g} make no pair; "
            "give sharpness above 0 and a correlation from -1 to 1."
        )
    both = torch.tensor([[1.0, correlation], [correlation, 1.0]], dtype=torch.float64)
    k = torch.tensor([first, second], dtype=torch.float64)
    one, other = (gaussian_information(k[i : i + 1], both[:1, :1]) for i in (0, 1))
    twice, other_twice = (gaussian_information(2 * k[i : i + 1], both[:1, :1]) for i in (0, 1))
    joint = gaussian_information(k, both)
    return AnalyticPair(
        information=(one, other),
        joint=joint,
        nmi=(one + other - joint) / math.sqrt((2 * one - twice) * (2 * other - other_twice)),
        vi=2 * joint - twice - other_twice,
    )


def sample_pairs(
    first: float,
    second: float,
    correlation: float,
    *,
    images: int,
    draws: int,
    generator: torch.Generator,
) -> tuple[Float[Tensor, "n c"], Float[Tensor, "n c"]]:
    """Mean and log-variance of independent draws of a known pair: first channels, then partners.

    Arguments:
        first: sharpness of the first channel, as for `analytic_pair`.
        second: sharpness of the second.
        correlation: of their means over images.
        images: how many are shown in a draw.
        draws: how many; draw d is in columns d and d + draws.
        generator: draws the images.

    >>> mean, log_variance = sample_pairs(
    ...     5.0, 1.0, 0.9, images=100, draws=3, generator=torch.Generator().manual_seed(0))
    >>> mean.shape, round(float(log_variance[0, 0].exp()), 6)
    (torch.Size([100, 6]), 0.025)
    """
    x, y = torch.randn(2, images, draws, generator=generator, dtype=torch.float64)
    y = correlation * x + math.sqrt(1 - correlation**2) * y
    log_variance = [torch.full_like(x, -math.log(8 * k)) for k in (first, second)]
    return torch.cat([x, y], dim=1), torch.cat(log_variance, dim=1)
