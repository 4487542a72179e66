"""The NMI that two channels have by chance: what they share when the images of one are shuffled."""

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.information.channels.comparison import ChannelComparison
from toolkit.information.pairwise import inverse_root_of_shared

LEAST_ROOM = 0.05  # between chance and 1; with less, nothing is told apart


def shuffled_nmi(comparison: ChannelComparison) -> Float[Tensor, "c c"]:
    r"""NMI of every two channels with their images shuffled; no unit, near 0 with many images.

    Image a overlaps with itself and with :math:`s_u - 1 = n 2^{-I_u} - 1` others in channel u.
    Shuffled, the overlaps of two channels meet by chance, and together they know

    .. math:: I^0_{uv} = -\log_2 \frac1n \left(1 + \frac{(s_u - 1)(s_v - 1)}{n - 1}\right)

    The sums are taken as equal for all images of a channel. The floor is far from 0 where both
    channels are near the ceiling: two unrelated ones of 4.6 bits have an NMI of 0.37 on 300 images.

    Arguments:
        comparison: of the channels.

    Returns:
        NaN for a channel without information.

    >>> from toolkit.information import compare_channels
    >>> mean = torch.randn(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> found = compare_channels(mean, torch.full_like(mean, -7.0))
    >>> round(float(found.nmi[0, 1]), 2), round(float(shuffled_nmi(found)[0, 1]), 2)
    (0.37, 0.37)
    """
    information, images = comparison.information, comparison.images
    others = images * (-information).exp2() - 1
    meet = others[:, None] * others[None, :] / (images - 1)
    joint = torch.log2(torch.as_tensor(float(images))) - torch.log2(1 + meet)
    scale = inverse_root_of_shared(information, comparison.doubled)
    return (information[:, None] + information[None, :] - joint) * scale[:, None] * scale[None, :]


def nmi_above_chance(comparison: ChannelComparison) -> Float[Tensor, "c c"]:
    r"""NMI on a scale where shuffled images are 0 and equal channels 1: (NMI - NMI_0)/(1 - NMI_0).

    As the adjusted mutual information of Vinh, Epps & Bailey (JMLR 2010). NaN for a channel without
    information, and where chance alone gives more than 0.95: two channels that tell nearly every
    image from every other.

    Arguments:
        comparison: of the channels.

    >>> from toolkit.information import compare_channels
    >>> mean = torch.randn(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> found = compare_channels(mean, torch.full_like(mean, -7.0))
    >>> bool(nmi_above_chance(found)[0, 1].abs() < 0.05)
    True
    """
    floor = shuffled_nmi(comparison)
    room = torch.where(floor < 1 - LEAST_ROOM, 1 - floor, torch.nan)
    return (comparison.nmi - floor) / room
