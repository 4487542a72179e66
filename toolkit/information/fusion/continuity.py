"""Whether a space follows the order of its points, or cuts it somewhere.

Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042, section on fusion.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def continuity(
    mean: Float[Tensor, "*r n d"], log_variance: Float[Tensor, "*r n d"], *, closed: bool
) -> Float[Tensor, "*r"]:
    """Largest Bhattacharyya distance of neighbours over its 90th percentile: 1 or more.

    Near 1 the space follows the order of the points everywhere; a cut makes it large.

    Arguments:
        mean: of spaces whose points are in order.
        log_variance: natural logarithm, same shape.
        closed: whether the last point and the first are neighbours; the published notebook leaves
            that pair out.

    >>> line = torch.tensor([[0.0], [1.0], [2.0], [5.0]])
    >>> round(continuity(line, torch.zeros(4, 1), closed=False).item(), 3)
    1.216
    """
    one, other = mean, mean.roll(-1, dims=-2)
    width, next_width = log_variance, log_variance.roll(-1, dims=-2)
    log_total = torch.logaddexp(width, next_width)
    apart = (one - other).square() * (-log_total).exp() / 4
    unlike = (log_total - math.log(2)) / 2 - (width + next_width) / 4
    distance = (apart + unlike).sum(dim=-1)
    if not closed:
        distance = distance[..., :-1]
    return distance.amax(dim=-1) / distance.quantile(0.9, dim=-1)
