"""New channels against old ones, so that runs can join a comparison that is already made."""

from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.channels.comparison import ChannelComparison
from toolkit.information.channels.gram import information_of_rows
from toolkit.information.channels.pair_table import BLOCK, Blocks, Progress, joint_in_blocks
from toolkit.information.checks import check_channels
from toolkit.information.gaussian import coefficients
from toolkit.information.pairwise import normalised_information, variation_of_information


@dataclass(frozen=True, kw_only=True)
class ChannelCrossing:
    """Every channel of one set against every channel of another. Bits, except NMI.

    Arguments:
        information: bits of the channels of the rows, and of those of the columns.
        doubled: the same received twice.
        nmi: (c, e) normalised mutual information; NaN for a channel that knows nothing.
        vi: (c, e) variation of information, bits.
        images: how many images were shown.
    """

    information: tuple[Float[Tensor, " c"], Float[Tensor, " e"]]
    doubled: tuple[Float[Tensor, " c"], Float[Tensor, " e"]]
    nmi: Float[Tensor, "c e"]
    vi: Float[Tensor, "c e"]
    images: int


def cross_channels(
    rows: tuple[Float[Tensor, "n c"], Float[Tensor, "n c"]],
    columns: tuple[Float[Tensor, "m e"], Float[Tensor, "m e"]],
    *,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
    block: int = BLOCK,
) -> ChannelCrossing:
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
    >>> cross_channels((mean, wide), other).nmi.round(decimals=6)
    tensor([[1., nan]], dtype=torch.float64)
    """
    for mean, log_variance in (rows, columns):
        check_channels(mean, log_variance)
    if rows[0].shape[0] != columns[0].shape[0]:
        raise ToolkitError(
            f"the channels answer {rows[0].shape[0]} and {columns[0].shape[0]} images; "
            "encode both on the same probe set."
        )
    where = rows[0].device if device is None else torch.device(device)
    left, right = (coefficients(*side, dtype=dtype, device=where) for side in (rows, columns))
    (alone, twice), (others, others_twice) = information_of_rows(left), information_of_rows(right)
    blocks = Blocks(size=block, folder=folder, progress=progress)
    joint = joint_in_blocks(left, right, blocks=blocks)
    return ChannelCrossing(
        information=(alone, others),
        doubled=(twice, others_twice),
        nmi=normalised_information((alone, others), (twice, others_twice), joint),
        vi=variation_of_information((twice, others_twice), joint),
        images=left.images,
    )


def join(
    old: ChannelComparison, crossing: ChannelCrossing, new: ChannelComparison
) -> ChannelComparison:
    """One comparison of the old channels and the new ones, without the old pairs done again.

    Arguments:
        old: of the channels of the rows of `crossing`.
        crossing: old channels against new ones.
        new: of the channels of the columns of `crossing`, with the same labels.

    Raises:
        ToolkitError: the three are not of the same channels and images.
    """
    shape = (old.information.shape[0], new.information.shape[0])
    if crossing.nmi.shape != shape or len({old.images, crossing.images, new.images}) > 1:
        raise ToolkitError(
            f"{shape[0]} old and {shape[1]} new channels on {old.images} and {new.images} images "
            f"do not fit a crossing of {tuple(crossing.nmi.shape)} on {crossing.images}; "
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
        nmi=_corner(old.nmi, crossing.nmi, new.nmi),
        vi=_corner(old.vi, crossing.vi, new.vi),
        label_information=old.label_information,
        label_doubled=old.label_doubled,
        label_nmi=torch.cat([old.label_nmi, new.label_nmi]),
        label_vi=torch.cat([old.label_vi, new.label_vi]),
        images=old.images,
    )


def _corner(
    old: Float[Tensor, "c c"], across: Float[Tensor, "c e"], new: Float[Tensor, "e e"]
) -> Float[Tensor, "s s"]:
    return torch.cat([torch.cat([old, across], dim=1), torch.cat([across.T, new], dim=1)])
