"""Our measures of two spaces in the form of the others: NMI and VI of their fingerprints.

Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042. Many spaces are compared
faster by `compare_spaces`.
"""

import math

from jaxtyping import Float
from torch import Tensor

from toolkit.information.gaussian import bhattacharyya_distance
from toolkit.information.pairwise import normalised_information, variation_of_information
from toolkit.information.spaces import Space


def distances(space: Space) -> Float[Tensor, "n n"]:
    """Bhattacharyya distances of every two posteriors, nats."""
    return bhattacharyya_distance(space.mean.double(), space.log_variance.double())


def _bits(distance: Float[Tensor, "n n"]) -> Float[Tensor, " 1"]:
    log_mean = distance.neg().logsumexp(dim=1) - math.log(len(distance))
    return -log_mean.mean()[None] / math.log(2)


def nmi(one: Float[Tensor, "n n"], other: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """Shared information over the geometric mean of what each shares with itself; no unit.

    >>> import torch
    >>> two = torch.tensor([[0.0, 9.0], [9.0, 0.0]])
    >>> round(nmi(two, two).item(), 3)
    1.0
    """
    alone = _bits(one), _bits(other)
    twice = _bits(2 * one), _bits(2 * other)
    return normalised_information(alone, twice, _bits(one + other)[None])[0, 0]


def vi(one: Float[Tensor, "n n"], other: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """Bits in one space and not in the other.

    >>> import torch
    >>> two = torch.tensor([[0.0, 9.0], [9.0, 0.0]])
    >>> abs(round(vi(two, two).item(), 3))
    0.0
    """
    twice = _bits(2 * one), _bits(2 * other)
    return variation_of_information(twice, _bits(one + other)[None])[0, 0]
