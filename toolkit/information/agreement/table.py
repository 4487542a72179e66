"""How well each member's channels are found again in each other member, as a table."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True)
class AgreementTable:
    """How well the channels of every member (rows) are found again in every other (columns).

    All measures of agreement are means over this table. A table of several draws of random axes
    has the draws in front.

    Arguments:
        found: of each informative channel of the row's member the best NMI with an informative
            channel of the column's, averaged over channels, weighted by their bits; 0 where one of
            the two has none. NaN on the diagonal, and for members that were not compared.
        bits: of the informative channels of each member.
        axes: how many informative channels each member has.
    """

    found: Float[Tensor, "*d m m"]
    bits: Float[Tensor, "*d m"]
    axes: Int[Tensor, "*d m"]

    def among(self, members: Bool[Tensor, " m"] | Int[Tensor, " k"]) -> "AgreementTable":
        """The same for some of the members."""
        return AgreementTable(
            found=self.found[..., members, :][..., members],
            bits=self.bits[..., members],
            axes=self.axes[..., members],
        )

    def of_each(self) -> Float[Tensor, "*d m"]:
        """The agreement of each member with the others: the mean of its row."""
        return self.found.nanmean(dim=-1)

    def overall(self) -> Float[Tensor, "*d"]:
        """The agreement of all: the mean over members, weighted by their bits; 0 without bits."""
        return _weighted(self.of_each(), self.bits)

    def without_each(self) -> Float[Tensor, "*d m"]:
        """The agreement of all members but one, for each one left out."""
        known = ~self.found.isnan()
        rows = torch.where(known, self.found, 0.0)
        rest = rows.sum(dim=-1, keepdim=True) - rows
        count = known.sum(dim=-1, keepdim=True) - known.long()
        others = (rest / count).mT  # member left out, then member that stays
        stays = ~torch.eye(others.shape[-1], dtype=torch.bool, device=rows.device)
        return _weighted(others, self.bits[..., None, :] * stays)


def agreement_table(
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    member: Int[Tensor, " c"],
    *,
    threshold_bits: float,
) -> AgreementTable:
    """The table of all members, in the order of their numbers.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels; NaN (undefined) counts as nothing in common.
        member: which member each channel belongs to, as whole numbers.
        threshold_bits: a channel is informative if it has more bits than this.

    Raises:
        ToolkitError: shapes differ.

    >>> bits, nmi = torch.tensor([2.0, 2.0]), torch.tensor([[1.0, 0.8], [0.8, 1.0]])
    >>> agreement_table(bits, nmi, torch.tensor([0, 1]), threshold_bits=0.01).found
    tensor([[   nan, 0.8000],
            [0.8000,    nan]])
    """
    check_members(information, nmi, member)
    numbers, position = member.unique(return_inverse=True)
    informative = (information > threshold_bits).nonzero()[:, 0]
    position, bits = position[informative], information[informative]
    # Best match per channel and member
    best = bits.new_zeros(len(informative), len(numbers))
    for column in range(len(numbers)):
        partners = informative[position == column]
        if len(partners):
            values = nmi[informative][:, partners]
            best[:, column] = torch.where(values.isnan(), -torch.inf, values).amax(dim=1)
    best = torch.where(best.isinf(), 0.0, best)  # infinite: NMI with no partner is defined
    # Means over channels
    bits_of_member = bits.new_zeros(len(numbers)).index_add(0, position, bits)
    sums = best.new_zeros(len(numbers), len(numbers)).index_add(0, position, best * bits[:, None])
    found = torch.where(bits_of_member[:, None] > 0, sums / bits_of_member[:, None], 0.0)
    return AgreementTable(
        found=found.fill_diagonal_(torch.nan),
        bits=bits_of_member,
        axes=torch.bincount(position, minlength=len(numbers)),
    )


def check_members(information: Tensor, nmi: Tensor, member: Tensor) -> None:
    """Whether there is an NMI of every two channels, and a member of each.

    Raises:
        ToolkitError: shapes differ.
    """
    channels = information.shape[0]
    if nmi.shape != (channels, channels) or member.shape != (channels,):
        raise ToolkitError(
            f"{channels} channels need an NMI of every two and a member each; "
            f"given are {tuple(nmi.shape)} and {tuple(member.shape)}."
        )


def _weighted(values: Float[Tensor, "*d m"], weights: Float[Tensor, "*d m"]) -> Tensor:
    """The weighted mean over the last dimension of what is known; 0 where nothing weighs."""
    weights = torch.where(values.isnan(), 0.0, weights)
    whole = weights.sum(dim=-1)
    part = (torch.where(values.isnan(), 0.0, values) * weights).sum(dim=-1)
    return torch.where(whole > 0, part / whole, 0.0)
