"""A member's channels seen from random axes: what two members share if axes mean nothing.

Models that learn the same space and agree on no axis in it still have channels with information in
common, the more the fewer channels there are. Turning each member's axes at random shows how much.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.checks import check_channels


def random_rotation(dimensions: int, *, generator: torch.Generator) -> Float[Tensor, "d d"]:
    """An orthogonal matrix, every one as likely as any other (Haar measure); reflections count.

    The QR decomposition of a normal matrix, with the signs that make it unique: Mezzadri, "How to
    generate random matrices from the classical compact groups" (Notices of the AMS, 2007).

    Arguments:
        dimensions: rows and columns, 1 or more.
        generator: draws the matrix, on the CPU.

    Raises:
        ToolkitError: there is no dimension.

    >>> turn = random_rotation(3, generator=torch.Generator().manual_seed(0))
    >>> torch.allclose(turn @ turn.T, torch.eye(3, dtype=torch.float64))
    True
    """
    if dimensions < 1:
        raise ToolkitError(f"{dimensions} dimensions have no axes to turn; give 1 or more.")
    normal = torch.randn(dimensions, dimensions, generator=generator, dtype=torch.float64)
    factors: tuple[Tensor, Tensor] = torch.linalg.qr(normal)
    orthogonal, upper = factors
    return orthogonal * upper.diagonal().sign()


def turn_axes(
    mean: Float[Tensor, "n d"],
    log_variance: Float[Tensor, "n d"],
    *,
    generator: torch.Generator,
) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n d"]]:
    r"""The informative channels of one member, seen from random axes.

    Each channel is divided by the root of its total variance (that of its means plus its mean
    posterior variance), so that no axis stands out by its scale; then the space is turned by
    `random_rotation`.

    What is kept: of every image and every new axis the exact mean and variance,

    .. math:: m' = Q S^{-1} m, \qquad v'_i = \sum_j Q_{ij}^2 \, v_j / s_j^2

    The covariance of the turned posterior, :math:`Q S^{-1} V S^{-1} Q^T`, has entries beside its
    diagonal, and they are left out. Nothing that compares channels of *different* members needs
    them: the members' noise is independent given the image, so a pair of channels depends on its
    two marginal posteriors alone. Pairs of channels of one member, and the information of the
    whole space, do need them; do not compute those from the result.

    What is not kept: the sharpness of a single channel. A new axis is a mixture of a member's sharp
    and blunt channels, so turning evens out their bits.

    Arguments:
        mean: one row per image, one column per informative channel; leave the others out, or noise
            is mixed into all axes.
        log_variance: of the same shape, natural logarithm.
        generator: draws the turn, on the CPU.

    Raises:
        ToolkitError: the channels cannot be compared; the sentence says why.

    A single channel has no other axis; it is standardised, and perhaps mirrored:

    >>> mean, log_variance = torch.tensor([[-3.0], [3.0]]), torch.zeros(2, 1)
    >>> dealer = torch.Generator().manual_seed(0)
    >>> turned, log_width = turn_axes(mean, log_variance, generator=dealer)
    >>> turned.abs().round(decimals=3).flatten(), log_width.exp().round(decimals=3).flatten()
    (tensor([0.9490, 0.9490]), tensor([0.1000, 0.1000]))
    """
    check_channels(mean, log_variance)
    centre = mean.double() - mean.double().mean(dim=0)
    variance = log_variance.double().exp()
    # Total variance one
    total = centre.square().mean(dim=0) + variance.mean(dim=0)
    # Turned, marginals kept
    turn = random_rotation(mean.shape[1], generator=generator).to(mean.device)
    turned_mean = (centre * total.rsqrt()) @ turn.T
    turned_variance = (variance / total) @ turn.square().T
    return turned_mean.to(mean.dtype), turned_variance.log().to(mean.dtype)
