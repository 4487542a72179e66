"""Pairs of skewed, clustered and uniform channels whose widths depend on their means.

Both channels follow one hidden number z, the second with normal noise. What infinitely many images
would give is an integral over z and the noise; the mean over the other image's noise is Gaussian,
so the rest is done by quadrature. Intervals are examined on them (`benchmarks/coverage.py`), since
nobody tuned the intervals by them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.channels.analytic_pairs import AnalyticPair

CLUSTERS = ((0.5, -1.2), (0.3, 0.2), (0.15, 1.4), (0.05, 2.5))  # share and centre
CLUSTER_WIDTH = 0.15
Curve = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class CurvedPair:
    """How two channels follow the hidden number z.

    Arguments:
        hidden: distribution of z: "normal", "uniform" (of unit variance), or "clusters".
        mean: of the first channel, a function of z.
        log_variance: of the first channel, a function of z.
        partner_mean: of the second channel, before its noise.
        partner_log_variance: of the second channel, a function of z.
        noise: standard deviation of the normal noise of the second mean.
    """

    hidden: str
    mean: Curve
    log_variance: Curve
    partner_mean: Curve
    partner_log_variance: Curve
    noise: float = 0.3


def _heavy(z: Tensor) -> Tensor:
    return torch.sinh(0.4 * z.exp())


CURVED_PAIRS = {
    "heavy tail": CurvedPair(
        hidden="normal",
        mean=torch.exp,
        log_variance=lambda z: -1 + 1.08 * z,
        partner_mean=_heavy,
        partner_log_variance=lambda z: -1 + 1.08 * _heavy(z).log(),
    ),
    "skewed": CurvedPair(
        hidden="normal",
        mean=torch.exp,
        log_variance=lambda z: -1 + 1.08 * z,
        partner_mean=lambda z: torch.sinh(0.4 * z),
        partner_log_variance=lambda z: -3 + 0 * z,
    ),
    "uniform": CurvedPair(
        hidden="uniform",
        mean=lambda z: z,
        log_variance=lambda z: -2.5 + 0.8 * z,
        partner_mean=lambda z: torch.sinh(0.8 * z),
        partner_log_variance=lambda z: -2 + 0.5 * z,
    ),
    "clustered": CurvedPair(
        hidden="clusters",
        mean=lambda z: 2 * z,
        log_variance=lambda z: -2 + 0.5 * z,
        partner_mean=lambda z: z + 0.2 * z.square(),
        partner_log_variance=lambda z: -2 - 0.3 * z,
    ),
}


def curved_pair(pair: CurvedPair, *, steps: int = 2401) -> AnalyticPair:
    """What infinitely many images would give, by quadrature.

    Arguments:
        pair: the two channels.
        steps: points of z, of which every eighth is one of the image that is compared.
    """
    z, share = _hidden_points(pair.hidden, steps)
    noise, noise_share = _hidden_points("normal", 51)
    mean, variance = pair.mean(z), pair.log_variance(z).exp()
    centre, width = pair.partner_mean(z), pair.partner_log_variance(z).exp()
    some = slice(0, None, 8)
    some_share = share[some] / share[some].sum()
    # First channel's log coefficients
    total = variance[some, None] + variance[None]
    first = _log_root(variance[some, None], variance[None])
    first = first - (mean[some, None] - mean[None]).square() / (4 * total)

    def bits(log_coefficients: Tensor) -> float:
        found = torch.logsumexp(log_coefficients + share.log(), dim=1)
        return float(-(some_share * found).sum()) / math.log(2)

    # Second channel's, mean over noise
    spread = 2 * (width[some, None] + width[None])
    root = _log_root(width[some, None], width[None])

    def second(apart: Tensor, power: int) -> Tensor:
        blurred = spread / power + pair.noise**2
        tail = (spread / power / blurred).log() / 2 - apart / (2 * blurred)
        return power * root + tail

    once = twice = joint = 0.0
    for shift, weight in zip(noise.tolist(), noise_share.tolist(), strict=True):
        apart = (centre[some, None] + pair.noise * shift - centre[None]).square()
        partner = second(apart, 1)
        once += weight * bits(partner)
        twice += weight * bits(second(apart, 2))
        joint += weight * bits(first + partner)
    alone, doubled = bits(first), bits(2 * first)
    return AnalyticPair(
        information=(alone, once),
        joint=joint,
        nmi=(alone + once - joint) / math.sqrt((2 * alone - doubled) * (2 * once - twice)),
        vi=2 * joint - doubled - twice,
    )


def sample_curved_pairs(
    pair: CurvedPair, *, images: int, draws: int, generator: torch.Generator
) -> tuple[Float[Tensor, "n c"], Float[Tensor, "n c"]]:
    """Mean and log-variance of independent draws: first channels, then their partners.

    Arguments:
        pair: the two channels.
        images: how many are shown in a draw.
        draws: how many; draw d is in columns d and d + draws.
        generator: draws the images.
    """
    z, noise = torch.randn(2, images, draws, generator=generator, dtype=torch.float64)
    lot = torch.rand(images, draws, generator=generator, dtype=torch.float64)
    if pair.hidden == "uniform":
        z = math.sqrt(3) * (2 * lot - 1)
    elif pair.hidden == "clusters":
        shares, centres = torch.tensor(CLUSTERS, dtype=torch.float64).T
        which = torch.searchsorted(shares.cumsum(0), lot).clamp_max(len(centres) - 1)
        z = centres[which] + CLUSTER_WIDTH * z
    partner = pair.partner_mean(z) + pair.noise * noise
    log_variance = [pair.log_variance(z), pair.partner_log_variance(z)]
    return torch.cat([pair.mean(z), partner], dim=1), torch.cat(log_variance, dim=1)


def _hidden_points(hidden: str, steps: int) -> tuple[Float[Tensor, " z"], Float[Tensor, " z"]]:
    """Points of a distribution and their shares."""
    if hidden == "uniform":
        z = torch.linspace(-math.sqrt(3), math.sqrt(3), steps, dtype=torch.float64)
        density = torch.ones_like(z)
    elif hidden == "clusters":
        z = torch.linspace(-3, 4, steps, dtype=torch.float64)
        bumps = [p * (-((z - c) / CLUSTER_WIDTH).square() / 2).exp() for p, c in CLUSTERS]
        density = torch.stack(bumps).sum(dim=0)
    else:
        z = torch.linspace(-6, 6, steps, dtype=torch.float64)
        density = (-z.square() / 2).exp()
    return z, density / density.sum()


def _log_root(one: Tensor, other: Tensor) -> Tensor:
    """Logarithm of the coefficient of two normals of equal means."""
    return (one.log() + other.log()) / 4 - ((one + other) / 2).log() / 2
