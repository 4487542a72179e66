"""The information of every channel about the images, and the similarity of every two channels.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042; the bound is Kolchinsky & Tracey's (2017),
https://arxiv.org/abs/1706.02419.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from toolkit.information.channels.bounds import PAIR_MARGIN_BITS, is_saturated
from toolkit.information.channels.gram import single_and_doubled_information
from toolkit.information.channels.pair_table import (
    BLOCK,
    BlockPlan,
    Progress,
    joint_information_in_blocks,
)
from toolkit.information.checks import check_channels, check_labels
from toolkit.information.gaussian import coefficients
from toolkit.information.pairwise import normalised_information, variation_of_information


@dataclass(frozen=True, kw_only=True)
class ChannelComparison:
    """All channels against all, and against known factors. Bits, except NMI, which has no unit.

    Arguments:
        information: (c,) bits of each channel; at most log2 of the number of images.
        doubled: (c,) bits of two independent draws from each channel.
        nmi: (c, c) normalised mutual information; NaN for a channel without information.
        vi: (c, c) variation of information, bits.
        label_information: (k,) bits of each known factor.
        label_doubled: (k,) bits of two copies of each known factor.
        label_nmi: (c, k).
        label_vi: (c, k) bits.
        images: how many images were shown.
    """

    information: Float[Tensor, " c"]
    doubled: Float[Tensor, " c"]
    nmi: Float[Tensor, "c c"]
    vi: Float[Tensor, "c c"]
    label_information: Float[Tensor, " k"]
    label_doubled: Float[Tensor, " k"]
    label_nmi: Float[Tensor, "c k"]
    label_vi: Float[Tensor, "c k"]
    images: int

    @property
    def saturated(self) -> Bool[Tensor, " c"]:
        """Channels so near the ceiling log2 n that n decides their bits (`is_saturated`)."""
        return is_saturated(self.information, images=self.images)

    @property
    def saturated_pairs(self) -> Bool[Tensor, "c c"]:
        """Pairs whose bits together are so near the ceiling that intervals of NMI and VI fail.

        The margin is wider than that of one channel, because NMI and VI are differences.
        """
        return is_saturated(self.joint, images=self.images, margin_bits=PAIR_MARGIN_BITS)

    @property
    def joint(self) -> Float[Tensor, "c c"]:
        """Bits of every two channels together."""
        return (self.vi + self.doubled[:, None] + self.doubled[None, :]) / 2

    def among(self, channels: Int[Tensor, " s"]) -> "ChannelComparison":
        """The same comparison of some of its channels.

        Arguments:
            channels: their positions.
        """
        rows = channels.to(self.nmi.device)
        return replace(
            self,
            information=self.information[rows],
            doubled=self.doubled[rows],
            nmi=self.nmi[rows][:, rows],
            vi=self.vi[rows][:, rows],
            label_nmi=self.label_nmi[rows],
            label_vi=self.label_vi[rows],
        )


def channel_information(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
) -> Float[Tensor, " c"]:
    r"""A lower bound of each channel's information about the images, in bits.

    .. math:: -\frac{1}{n} \sum_a \log_2 \frac{1}{n} \sum_b e^{-D_{ab}}

    Between 0 and log2 n: compare values only at equal n.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        dtype: of the arithmetic and the result.
        device: of the arithmetic and the results; that of `mean` if not given.

    Raises:
        ToolkitError: the channels cannot be compared; the sentence says why.

    The first channel distinguishes four images (2 bits), the second none:

    >>> mean = torch.tensor([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    >>> channel_information(mean, torch.full((4, 2), -20.0)).abs().round(decimals=6)
    tensor([2., 0.], dtype=torch.float64)
    """
    check_channels(mean, log_variance)
    where = mean.device if device is None else torch.device(device)
    channels = coefficients(mean, log_variance, dtype=dtype, device=where)
    return single_and_doubled_information(channels)[0]


def compare_channels(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    labels: Shaped[Tensor, "n k"] | None = None,
    threshold_bits: float | None = None,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
    block: int = BLOCK,
) -> ChannelComparison:
    """Information of every channel, and NMI and VI of every two.

    Symmetric to the last bit; nothing is clipped. Costs c^2 n^2 products; memory grows as
    c n + c^2.

    Arguments:
        mean: one row per image, one column per channel (of any number of members).
        log_variance: of the same shape, natural logarithm.
        labels: known factors of the images, one column each; only their equality counts.
        threshold_bits: channels with no more bits than this are left out of the pairs, where
            they leave NaN. Without it, all are compared.
        dtype: of the arithmetic and the results.
        device: of the arithmetic and the results; that of `mean` if not given.
        progress: called with the number of pairs done and the number of all.
        folder: where finished blocks of pairs are kept until all are done, so that work that was
            stopped goes on where it was. Without it nothing is kept.
        block: channels of a block's side.

    Raises:
        ToolkitError: the channels cannot be compared; the sentence says why.

    A channel and its mirror image carry the same information:

    >>> mean = torch.linspace(-3, 3, 50)[:, None]
    >>> both = compare_channels(torch.cat([mean, -mean], dim=1), torch.zeros(50, 2))
    >>> both.nmi.round(decimals=6), both.vi.abs().round(decimals=6)
    (tensor([[1., 1.],
            [1., 1.]], dtype=torch.float64), tensor([[0., 0.],
            [0., 0.]], dtype=torch.float64))
    """
    check_channels(mean, log_variance)
    if labels is not None:
        check_labels(labels, mean.shape[0])
    where = mean.device if device is None else torch.device(device)
    everything = coefficients(mean, log_variance, labels=labels, dtype=dtype, device=where)
    plan = BlockPlan(size=block, folder=folder, progress=progress)
    size, c = everything.count, mean.shape[1]
    if threshold_bits is None:
        information = torch.empty(size, dtype=dtype, device=where)
        joint = joint_information_in_blocks(everything, plan=plan, single=information)
        doubled = joint.diagonal().clone()
        nmi = normalised_information((information, information), (doubled, doubled), joint)
        vi = variation_of_information((doubled, doubled), joint)
    else:
        # Informative channels, all labels
        information, doubled = single_and_doubled_information(everything)
        informative = information > threshold_bits
        informative[c:] = True
        chosen = informative.nonzero()[:, 0]
        joint = joint_information_in_blocks(everything.select(chosen), plan=plan)
        joint.diagonal().copy_(doubled[chosen])
        single, twice = (information[chosen],) * 2, (doubled[chosen],) * 2
        nmi = _scatter(normalised_information(single, twice, joint), chosen, size)
        vi = _scatter(variation_of_information(twice, joint), chosen, size)
    return ChannelComparison(
        information=information[:c],
        doubled=doubled[:c],
        nmi=nmi[:c, :c],
        vi=vi[:c, :c],
        label_information=information[c:],
        label_doubled=doubled[c:],
        label_nmi=nmi[:c, c:],
        label_vi=vi[:c, c:],
        images=mean.shape[0],
    )


def _scatter(
    values: Float[Tensor, "s s"], chosen: Int[Tensor, " s"], size: int
) -> Float[Tensor, "c c"]:
    """A table of all channels from one of the chosen ones; NaN elsewhere."""
    table = values.new_full((size, size), torch.nan)
    table[chosen[:, None], chosen[None, :]] = values
    return table
