"""Limits of an information in bits: the upper bound, and the ceiling log2 n.

Kolchinsky & Tracey, "Estimating mixture entropy with pairwise distances" (2017),
https://arxiv.org/abs/1706.02419: with Bhattacharyya distances the estimate is a lower bound of the
information about which of the n images was shown, with KL divergences an upper one.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.checks import check_channels

MARGIN_BITS = 3.0
PAIR_MARGIN_BITS = 4.25  # from benchmarks/coverage.py: nearer, less than 92 % of intervals hold
PATCH = 1 << 22  # divergences held at once


def channel_upper_bound(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> Float[Tensor, " c"]:
    r"""An upper bound, in bits, of each channel's information about which image was shown.

    .. math:: -\frac{1}{n} \sum_a \log_2 \frac{1}{n} \sum_b e^{-KL(q_a \| q_b)}

    Between 0 and log2 n, and never below `channel_information`. The true information of a
    channel about these n images lies between the two.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        dtype: of the arithmetic and the result.
        device: of the arithmetic and the results; that of `mean` if not given.

    Raises:
        ToolkitError: the channels cannot be compared; the sentence says why.

    Two unit normals two apart: the divergence is 2 nats, the bound 1 - log2(1 + e^-2):

    >>> channel_upper_bound(torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1)).round(decimals=4)
    tensor([0.8169], dtype=torch.float64)
    """
    check_channels(mean, log_variance)
    where = mean.device if device is None else torch.device(device)
    centre = (mean.double() - mean.double().mean(dim=0)).T.to(dtype).to(where)
    log_width = log_variance.T.to(dtype).to(where)
    images = mean.shape[0]
    total = centre.new_zeros(centre.shape[0])
    several = max(1, PATCH // centre.numel())
    for start in range(0, images, several):
        some = slice(start, start + several)
        # KL divergences
        wider = (log_width[:, some, None] - log_width[:, None, :]).exp()
        apart = (centre[:, some, None] - centre[:, None, :]) * (-log_width[:, None, :] / 2).exp()
        gap = log_width[:, None, :] - log_width[:, some, None]
        divergence = (wider + apart.square() - 1 + gap) / 2
        # Mixture bound
        total += torch.logsumexp(-divergence, dim=2).sum(dim=1)
    return (math.log(images) - total / images) / math.log(2)


def is_saturated(
    bits: Float[Tensor, "..."], *, images: int, margin_bits: float = MARGIN_BITS
) -> Bool[Tensor, "..."]:
    """Whether an information is so near its ceiling log2 n that n, and not the channel, decides it.

    Within 3 bits of the ceiling an image overlaps with fewer than 8 images, itself among them:
    the number is some tenths of a bit too low at the margin, and near the ceiling it is only a
    lower bound. Up to the margin the bias can be removed (`channel_intervals`).

    Arguments:
        bits: information of channels, or of two together.
        images: how many were shown.
        margin_bits: how far from the ceiling.

    Raises:
        ToolkitError: there are fewer than 2 images.

    >>> is_saturated(torch.tensor([3.0, 9.5]), images=1000)
    tensor([False,  True])
    """
    if images < 2:
        raise ToolkitError(f"the ceiling log2 n needs 2 images or more, and n is {images}.")
    return bits > math.log2(images) - margin_bits
