"""Density of a sample under other posteriors relative to the one it was drawn from."""

from jaxtyping import Float, Int
from torch import Tensor

PRODUCT_LIMIT = 1e7  # squared scaled distances above it would cancel: 1e-8 nats are lost there


def log_density_ratios(
    mean: Float[Tensor, "m d"],
    log_variance: Float[Tensor, "m d"],
    *,
    points: Int[Tensor, " s"],
    noise: Float[Tensor, "s d"],
    among: slice,
) -> Float[Tensor, "s b"]:
    """log q(u | x_j) / q(u | x_i), in nats, for u = mean_i + sigma_i noise and all j in `among`.

    Dimensions of moderate range are matrix products. The others are expanded draw by draw from
    (mean_i - mean_j) + sigma_i noise, which stays right where u itself would round to the mean.

    Arguments:
        mean: of the posteriors, one row per point.
        log_variance: natural logarithm, same shape.
        points: i, the point that each draw comes from.
        noise: standard normal, a row per draw.
        among: the points j.

    A draw at its own mean is e^2 times less likely two deviations away:

    >>> import torch
    >>> mean = torch.tensor([[0.0], [2.0]])
    >>> log_density_ratios(mean, torch.zeros(2, 1), points=torch.tensor([0]),
    ...                    noise=torch.zeros(1, 1), among=slice(0, 2))
    tensor([[ 0., -2.]])
    """
    # Offsets from means
    offset = (log_variance[points] / 2).exp() * noise
    source, other, precision = mean[points], mean[among], (-log_variance[among]).exp()
    centre = other.mean(dim=0)
    u, c = source - centre + offset, other - centre
    reach = (u.abs().amax(dim=0) + c.abs().amax(dim=0)).square() * precision.amax(dim=0)
    product = reach < PRODUCT_LIMIT
    # Moderate dimensions: products
    u, c, p = u[:, product], c[:, product], precision[:, product]
    distance = u.square() @ p.T - 2 * u @ (c * p).T + (c.square() * p).sum(dim=1)
    # Other dimensions: differences
    for k in (~product).nonzero().flatten().tolist():
        apart = source[:, k, None] - other[None, :, k] + offset[:, k, None]
        distance += (apart * precision[:, k].sqrt()).square()
    # Normalising constants
    here = (log_variance[points] + noise.square()).sum(dim=1)
    ratios = (here[:, None] - log_variance[among].sum(dim=1) - distance) / 2
    column = points - range(len(mean))[among].start
    inside = (column >= 0) & (column < len(other))
    ratios[inside.nonzero().flatten(), column[inside]] = 0  # exact: a point against itself
    return ratios
