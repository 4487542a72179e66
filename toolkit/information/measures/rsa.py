"""Representational similarity analysis: are the same images far apart?

Kriegeskorte, Mur & Bandettini, "Representational similarity analysis" (Frontiers in Systems
Neuroscience 2008), https://doi.org/10.3389/neuro.06.004.2008. Dissimilarities are Euclidean
distances between means, compared by Spearman's rank correlation.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.spaces import Space


def dissimilarity_ranks(space: Space) -> Float[Tensor, " p"]:
    """Ranks of the distances of every two means, centred and of length 1; NaN if all are equal."""
    return unit_ranks(torch.pdist(space.mean.double()))


def unit_ranks(values: Float[Tensor, " p"]) -> Float[Tensor, " p"]:
    """Average ranks, centred and of length 1, so that a product of two is Spearman's rho.

    Values that agree to nine digits of the largest are ties, whatever rounding made of them.

    >>> unit_ranks(torch.tensor([5.0, 1.0, 5.0], dtype=torch.float64)).round(decimals=4)
    tensor([ 0.4082, -0.8165,  0.4082], dtype=torch.float64)
    """
    steps = (values / values.abs().max() * 1e9).round().nan_to_num()
    _, place, count = steps.unique(return_inverse=True, return_counts=True)
    last = count.cumsum(dim=0).double()
    ranks = (last - (count - 1) / 2)[place]
    ranks = ranks - ranks.mean()
    return torch.where(ranks.norm() > 0, ranks / ranks.norm(), torch.nan)


def rank_correlation(one: Float[Tensor, " p"], other: Float[Tensor, " p"]) -> Float[Tensor, ""]:
    """Spearman's rho, -1 to 1; NaN if all distances of a space are equal.

    >>> mean = torch.tensor([[0.0], [1.0], [3.0]], dtype=torch.float64)
    >>> ranks = dissimilarity_ranks(Space(mean, torch.zeros(3, 1)))
    >>> rank_correlation(ranks, ranks).round(decimals=9)
    tensor(1., dtype=torch.float64)
    """
    return one @ other
