"""Stochastic shape distance between spaces of normal posteriors, after the best rotation.

Duong, Zhou, Nassar, Berman, Olieslagers & Williams, "Representational dissimilarity metric spaces
for stochastic neural networks" (ICLR 2023), https://arxiv.org/abs/2211.11665, with equal weight on
means and covariances (their alpha = 1). Covariances are the posteriors' own, exp(+log-variance).
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from toolkit.information.spaces import Space

STARTS = 50  # rotations at random that are followed, beside the identity and a reflection
ROUND, MOST = 10, 500  # steps between two looks at which starts have met; steps of each, at most
SETTLED = 1e-13  # relative gain of a step below which a rotation has arrived
MET = 1e-4  # distance of two rotations, per channel, below which they climb the same hill


def means_and_deviations(space: Space) -> Float[Tensor, "2 n d"]:
    """Means, and standard deviations, of every posterior."""
    return torch.stack([space.mean, (space.log_variance / 2).exp()]).double()


def stochastic_shape_distance(
    one: Float[Tensor, "2 n d"], other: Float[Tensor, "2 n e"]
) -> Float[Tensor, ""]:
    r"""Root mean square 2-Wasserstein distance of corresponding posteriors, least over rotations.

    .. math:: \min_{Q^\top Q = 1} \Big( \frac1n \sum_i |m_i - Q^\top m'_i|^2
              + \mathcal{B}^2(\Sigma_i, Q^\top \Sigma'_i Q) \Big)^{1/2}

    In the codes' own unit, 0 or more. The narrower of two spaces is padded with channels that are 0
    for all images, as the authors do. The least value is sought from many fixed starts by steps
    that never go up, and each distinct start is followed to its end; it is not proved to be the
    least.

    >>> mean = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    >>> space = means_and_deviations(Space(mean, torch.zeros(2, 2)))
    >>> stochastic_shape_distance(space, space + torch.tensor([3.0, 0.0])[:, None, None]) > 1
    tensor(True)
    """
    width = max(one.shape[2], other.shape[2])
    one, other = (torch.nn.functional.pad(s, (0, width - s.shape[2])) for s in (one, other))
    turns, score = _starts(width).to(one), one.new_full((STARTS + 2,), -math.inf)
    arrived = torch.zeros(len(turns), dtype=torch.bool)
    for _ in range(MOST // ROUND):
        climbing = torch.nonzero(~arrived).ravel()
        turns[climbing], score[climbing], arrived[climbing] = _climb(one, other, turns[climbing])
        # Rotations that are not near one that reaches more
        order = score.argsort(descending=True, stable=True)
        flat = turns[order].flatten(1)
        near = torch.cdist(flat, flat) <= MET * width
        distinct = order[~near.tril(diagonal=-1).any(dim=1)]
        turns, score, arrived = turns[distinct], score[distinct], arrived[distinct]
        if arrived.all():
            break
    return _distance(one, other, turns[score.argmax()])


def _starts(d: int) -> Float[Tensor, "r d d"]:
    """Orthogonal matrices spread over both components of the group, always the same ones."""
    generator = torch.Generator().manual_seed(0)
    gauss = torch.randn(STARTS, d, d, generator=generator, dtype=torch.float64)
    identity = torch.eye(d, dtype=torch.float64)[None]
    mirror = identity.clone()
    mirror[0, 0, 0] = -1
    return torch.cat([identity, mirror, torch.linalg.qr(gauss).Q])


def _climb(
    one: Float[Tensor, "2 n d"], other: Float[Tensor, "2 n d"], turns: Float[Tensor, "r d d"]
) -> tuple[Float[Tensor, "r d d"], Float[Tensor, " r"], Bool[Tensor, " r"]]:
    """Alternate the best covariance alignments for a rotation and the best rotation for those.

    Returns rotations, what they reach, and which have arrived.
    """
    means = other[0].T @ one[0]
    score = turns.new_full((len(turns),), -math.inf)
    arrived = torch.zeros(len(turns), dtype=torch.bool)
    for _ in range(ROUND):
        # Best alignment of every pair of covariances
        inner = other[1][None, :, :, None] * turns[:, None] * one[1][None, :, None, :]
        left, values, right = torch.linalg.svd(inner)
        reached = values.sum(dim=(1, 2)) + (turns * means).sum(dim=(1, 2))
        arrived = reached - score <= SETTLED * reached.abs()
        score = reached
        if arrived.all():
            break
        # Best rotation for these alignments
        aligned = (left @ right) * other[1][None, :, :, None] * one[1][None, :, None, :]
        u, _, v = torch.linalg.svd(means + aligned.sum(dim=1))
        turns = torch.where(arrived[:, None, None], turns, u @ v)
    return turns, score, arrived


def _distance(
    one: Float[Tensor, "2 n d"], other: Float[Tensor, "2 n d"], turn: Float[Tensor, "d d"]
) -> Float[Tensor, ""]:
    """The mean of squares as a sum of residuals, which cannot come out below 0."""
    inner = other[1][:, :, None] * turn * one[1][:, None, :]
    left, _, right = torch.linalg.svd(inner)
    root = (left @ right).mT @ (other[1][:, :, None] * turn)
    means = (one[0] - other[0] @ turn).square().sum()
    widths = (torch.diag_embed(one[1]) - root).square().sum()
    squared: Tensor = (means + widths) / len(one[0])
    return squared.sqrt()
