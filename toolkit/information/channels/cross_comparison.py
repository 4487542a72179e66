"""New channels against old ones, so that runs can join an existing comparison."""

from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.channels.comparison import ChannelComparison
from toolkit.information.channels.gram import single_and_doubled_information
from toolkit.information.channels.pair_table import (
    BLOCK,
    BlockPlan,
    Progress,
    joint_information_in_blocks,
)
from toolkit.information.checks import check_channels
from toolkit.information.gaussian import coefficients
from toolkit.information.pairwise import normalised_information, variation_of_information


@dataclass(frozen=True, kw_only=True)
class CrossComparison:
    """Every channel of one set with every channel of another. Bits, except NMI.

    Arguments:
        information: bits of the channels of the rows, and of those of the columns.
        doubled: bits of two independent draws from the same channels.
        nmi: (c, e) normalised mutual information; NaN for a channel without information.
        vi: (c, e) variation of information, bits.
        images: how many images were shown.
    """

    information: tuple[Float[Tensor, " c"], Float[Tensor, " e"]]
    doubled: tuple[Float[Tensor, " c"], Float[Tensor, " e"]]
    nmi: Float[Tensor, "c e"]
    vi: Float[Tensor, "c e"]
    images: int


def compare_channel_sets(
    rows: tuple[Float[Tensor, "n c"], Float[Tensor, "n c"]],
    columns: tuple[Float[Tensor, "m e"], Float[Tensor, "m e"]],
    *,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
    block: int = BLOCK,
) -> CrossComparison:
    """NMI and VI of every channel of one set with every channel of another.

    Arguments:
        rows: mean and log-variance, each (n, c), as for `compare_channels`.
        columns: mean and log-variance, each (n, e), of the same images in the same order.
        dtype: of the arithmetic and the results.
        device: where it is done; that of the first mean if not given.
        progress: called with the number of pairs done and the number of all.
        folder: where finished blocks of pairs are kept until all are done.
        block: channels of a block's side.

    Raises:
        ToolkitError: the channels cannot be compared; the sentence says why.

    >>> mean, wide = torch.linspace(-3, 3, 50)[:, None], torch.zeros(50, 1)
    >>> other = (torch.cat([mean, 0 * mean], dim=1), torch.zeros(50, 2))
    >>> compare_channel_sets((mean, wide), other).nmi.round(decimals=6)
    tensor([[1., nan]], dtype=torch.float64)
    """
    for mean, log_variance in (rows, columns):
        check_channels(mean, log_variance)
    if rows[0].shape[0] != columns[0].shape[0]:
        raise ToolkitError(
            f"the channels belong to {rows[0].shape[0]} and {columns[0].shape[0]} images; "
            "encode both on the same probe set."
        )
    where = rows[0].device if device is None else torch.device(device)
    left, right = (coefficients(*side, dtype=dtype, device=where) for side in (rows, columns))
    information, doubled = zip(
        single_and_doubled_information(left), single_and_doubled_information(right), strict=True
    )
    plan = BlockPlan(size=block, folder=folder, progress=progress)
    joint = joint_information_in_blocks(left, right, plan=plan)
    return CrossComparison(
        information=information,
        doubled=doubled,
        nmi=normalised_information(information, doubled, joint),
        vi=variation_of_information(doubled, joint),
        images=left.images,
    )


def join_comparisons(
    old: ChannelComparison, cross: CrossComparison, new: ChannelComparison
) -> ChannelComparison:
    """One comparison of the old and the new channels, without comparing the old pairs again.

    Arguments:
        old: of the channels of the rows of `cross`.
        cross: of old channels with new ones.
        new: of the channels of the columns of `cross`, with the same labels.

    Raises:
        ToolkitError: the three are not of the same channels and images.
    """
    shape = (old.information.shape[0], new.information.shape[0])
    if cross.nmi.shape != shape or len({old.images, cross.images, new.images}) > 1:
        raise ToolkitError(
            f"{shape[0]} old and {shape[1]} new channels on {old.images} and {new.images} images "
            f"do not fit a cross comparison of {tuple(cross.nmi.shape)} on {cross.images}; "
            "give all three the same channels and the same probe set."
        )
    if old.label_information.shape != new.label_information.shape:
        raise ToolkitError(
            f"the old comparison has {old.label_information.shape[0]} known factors and the new "
            f"one {new.label_information.shape[0]}; give both the same labels."
        )
    return ChannelComparison(
        information=torch.cat([old.information, new.information]),
        doubled=torch.cat([old.doubled, new.doubled]),
        nmi=_square_of_parts(old.nmi, cross.nmi, new.nmi),
        vi=_square_of_parts(old.vi, cross.vi, new.vi),
        label_information=old.label_information,
        label_doubled=old.label_doubled,
        label_nmi=torch.cat([old.label_nmi, new.label_nmi]),
        label_vi=torch.cat([old.label_vi, new.label_vi]),
        images=old.images,
    )


def _square_of_parts(
    old: Float[Tensor, "c c"], across: Float[Tensor, "c e"], new: Float[Tensor, "e e"]
) -> Float[Tensor, "s s"]:
    return torch.cat([torch.cat([old, across], dim=1), torch.cat([across.T, new], dim=1)])
