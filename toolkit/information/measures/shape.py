"""Stochastic shape distance between spaces of normal posteriors, after the best rotation.

Duong, Zhou, Nassar, Berman, Olieslagers & Williams, "Representational dissimilarity metric spaces
for stochastic neural networks" (ICLR 2023), https://arxiv.org/abs/2211.11665, with equal weight on
means and covariances (their alpha = 1). Covariances are the posteriors' own, exp(+log-variance).
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.spaces import Space

STARTS = 50  # rotations tried at first,
KEPT = 4  # the best of which are followed
TRIAL, MOST = 4, 500  # steps of each
SETTLED = 1e-13  # relative gain of a step below which a rotation has arrived


def means_and_deviations(space: Space) -> Float[Tensor, "2 n d"]:
    """Means, and standard deviations, of every posterior."""
    return torch.stack([space.mean, (space.log_variance / 2).exp()]).double()


def stochastic_shape_distance(
    one: Float[Tensor, "2 n d"], other: Float[Tensor, "2 n e"]
) -> Float[Tensor, ""]:
    r"""Root mean square 2-Wasserstein distance of corresponding posteriors, least over rotations.

    .. math:: \min_{Q^\top Q = 1} \Big( \frac1n \sum_i |m_i - Q^\top m'_i|^2
              + \mathcal{B}^2(\Sigma_i, Q^\top \Sigma'_i Q) \Big)^{1/2}

    In the codes' own unit, 0 or more. NaN between spaces of unlike dimension. The least value is
    sought from many fixed starts by steps that never go up; it is not proved to be the least.

    >>> mean = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    >>> space = means_and_deviations(Space(mean, torch.zeros(2, 2)))
    >>> stochastic_shape_distance(space, space + torch.tensor([3.0, 0.0])[:, None, None]) > 1
    tensor(True)
    """
    if one.shape != other.shape:
        return one.new_tensor(math.nan)
    turns, score = _climb(one, other, _starts(one.shape[2]).to(one), TRIAL)
    best = score.topk(min(KEPT, len(score))).indices
    turns, score = _climb(one, other, turns[best], MOST)
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
    one: Float[Tensor, "2 n d"],
    other: Float[Tensor, "2 n d"],
    turns: Float[Tensor, "r d d"],
    steps: int,
) -> tuple[Float[Tensor, "r d d"], Float[Tensor, " r"]]:
    """Alternate the best covariance alignments for a rotation and the best rotation for those."""
    means = other[0].T @ one[0]
    score = turns.new_full((len(turns),), -math.inf)
    for _ in range(steps):
        inner = other[1][None, :, :, None] * turns[:, None] * one[1][None, :, None, :]
        left, values, right = torch.linalg.svd(inner)
        reached = values.sum(dim=(1, 2)) + (turns * means).sum(dim=(1, 2))
        done = reached - score <= SETTLED * reached.abs()
        score = reached
        if done.all():
            break
        aligned = (left @ right) * other[1][None, :, :, None] * one[1][None, :, None, :]
        u, _, v = torch.linalg.svd(means + aligned.sum(dim=1))
        turns = u @ v
    return turns, score


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
