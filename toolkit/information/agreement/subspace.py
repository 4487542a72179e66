"""What all channels of another member together know of a channel: lost, or only rotated."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.spaces import Space, compare_spaces


@dataclass(frozen=True, kw_only=True)
class SubspaceAgreement:
    """How much of each channel another member's channels hold together. No unit.

    Arguments:
        value: (c,) shared information over that of two independent draws from the channel: 1 if it
            is all there, on whatever axes, and near `shuffled` if it is lost. NaN for a channel
            that shares no bits with itself. It can exceed 1, because a whole space can be sharper
            than a second draw.
        shuffled: (c,) the same with the images of the other member shuffled: what comes from a
            finite number of images. Where it is not near 0, the other space alone tells the images
            nearly apart, and more images are needed.
        best_nmi: (c,) the largest NMI with one of the other's channels, to compare with: far below
            `value` where the channel is rotated over several.
    """

    value: Float[Tensor, " c"]
    shuffled: Float[Tensor, " c"]
    best_nmi: Float[Tensor, " c"]


def subspace_agreement(
    channels: Space, other: Space, *, generator: torch.Generator
) -> SubspaceAgreement:
    r"""The information each channel shares with the whole space of another member.

    .. math:: \frac{I(U; V)}{I(U; U')} = \frac{I_U + I_V - I_{UV}}{2 I_U - I_{UU}}

    V is all channels of the other member together, and U' a second draw from the channel. Best NMI
    alone cannot tell a channel that the other member lost from one that it holds turned over two
    channels; this can.

    Arguments:
        channels: mean and log-variance of the channels of one member, (n, c).
        other: those of another member for the same images, (n, d). Leave uninformative channels out
            of both; they only cost time.
        generator: shuffles the images of the other member, on the CPU.

    Raises:
        ToolkitError: the two cannot be compared; the sentence says why.

    A channel turned over two channels of the other member is all there:

    >>> dealer = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(300, 2, generator=dealer, dtype=torch.float64)
    >>> turned = mean @ torch.tensor([[1.0, 1.0], [1.0, -1.0]], dtype=torch.float64) / 2**0.5
    >>> wide = torch.full((300, 2), -1.0, dtype=torch.float64)
    >>> found = subspace_agreement(Space(mean, wide), Space(turned, wide), generator=dealer)
    >>> bool((found.value > 0.95).all()), bool((found.best_nmi < 0.75).all())
    (True, True)
    """
    if channels.mean.shape[0] != other.mean.shape[0]:
        raise ToolkitError(
            f"the channels belong to {channels.mean.shape[0]} and {other.mean.shape[0]} images; "
            "encode both on the same probe set."
        )
    lot = torch.randperm(other.mean.shape[0], generator=generator).to(other.mean.device)
    single = [
        *zip(channels.mean.split(1, dim=1), channels.log_variance.split(1, dim=1), strict=True),
        *zip(other.mean.split(1, dim=1), other.log_variance.split(1, dim=1), strict=True),
    ]
    spaces = [*single, tuple(other), (other.mean[lot], other.log_variance[lot])]
    found = compare_spaces([mean for mean, _ in spaces], [width for _, width in spaces])
    # Shared over doubly drawn
    count = channels.mean.shape[1]
    own = (2 * found.information - found.doubled)[:count]
    joint = (found.vi + found.doubled[:, None] + found.doubled[None, :]) / 2
    shared = found.information[:, None] + found.information[None, :] - joint
    ratio = torch.where(own[:, None] > 0, shared[:count, -2:] / own[:, None], torch.nan)
    between = found.nmi[:count, count : count + other.mean.shape[1]]
    return SubspaceAgreement(
        value=ratio[:, 0],
        shuffled=ratio[:, 1],
        best_nmi=torch.where(between.isnan(), -torch.inf, between).amax(dim=1),
    )
