"""How much the members of an ensemble agree on: one number from a table of NMI, and its interval.

Both need of each channel only its best NMI with each member, a (channels x members) table, from
which any member can be left out without looking at the channels again.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.channels.jackknife import IntervalEstimate, jackknife


def cross_run_agreement(
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    member: Int[Tensor, " c"],
    *,
    threshold_bits: float,
) -> float:
    """Whether each member's channels are found again in the others: about 0 to about 1, no unit.

    Of every informative channel, the best NMI with an informative channel of each other member,
    averaged over the other members (0 for one that has no informative channel), then averaged
    over the channels, weighted by their bits. 1 if all members carry the same channels; 0 if no
    channel is informative. NMI is not clipped, so soft channels can exceed the ends by a little.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels.
        member: which member each channel belongs to, as whole numbers.
        threshold_bits: a channel is informative if it has more bits than this.

    Raises:
        ToolkitError: shapes differ, or there is only one member.

    >>> bits, nmi = torch.tensor([2.0, 2.0]), torch.tensor([[1.0, 0.8], [0.8, 1.0]])
    >>> round(cross_run_agreement(bits, nmi, torch.tensor([0, 1]), threshold_bits=0.01), 6)
    0.8
    """
    matches = _best_matches(information, nmi, member, threshold_bits)
    if matches.members < 2:
        raise ToolkitError(
            "agreement needs at least 2 members, and all channels belong to one. Train more seeds."
        )
    return float(matches.agreement())


def agreement_interval(
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    member: Int[Tensor, " c"],
    *,
    threshold_bits: float,
    level: float = 0.95,
) -> IntervalEstimate:
    """The interval of `cross_run_agreement` over members: how much other seeds would change it.

    Each member is left out in turn. Three members or more; with few it is wide.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels.
        member: which member each channel belongs to, as whole numbers.
        threshold_bits: a channel is informative if it has more bits than this.
        level: probability that the interval holds the number.

    Raises:
        ToolkitError: there are fewer than 3 members, or shapes differ.

    >>> nmi = torch.tensor([[1.0, 0.8, 0.7], [0.8, 1.0, 0.9], [0.7, 0.9, 1.0]])
    >>> interval = agreement_interval(torch.ones(3), nmi, torch.arange(3), threshold_bits=0.01)
    >>> interval.estimate.round(decimals=6)
    tensor(0.8000)
    """
    matches = _best_matches(information, nmi, member, threshold_bits)
    if matches.members < 3:
        raise ToolkitError(
            f"{matches.members} member(s) show no spread of agreement; train 3 seeds or more."
        )
    return jackknife(
        matches.agreement().to(information),
        matches.agreement_without_each().to(information),
        torch.ones(matches.members, dtype=torch.long, device=information.device),
        level=level,
    )


@dataclass(frozen=True, kw_only=True)
class _BestMatches:
    """Best NMI of each informative channel with every other member.

    Arguments:
        best: (c, m) best NMI with an informative channel of each member; 0 with its own member.
        own: (c, m) whether the channel belongs to the member.
        bits: (c,) weight of each channel.
    """

    best: Float[Tensor, "c m"]
    own: Bool[Tensor, "c m"]
    bits: Float[Tensor, " c"]

    @property
    def members(self) -> int:
        return self.best.shape[1]

    def agreement(self) -> Float[Tensor, ""]:
        """Mean over other members, then over channels by their bits; 0 without a channel."""
        per_channel = self.best.sum(dim=1) / (self.members - 1)
        return _ratio((per_channel * self.bits).sum(), self.bits.sum())

    def agreement_without_each(self) -> Float[Tensor, " m"]:
        """The agreement of all members but one, for each one left out."""
        others = (self.best.sum(dim=1, keepdim=True) - self.best) / (self.members - 2)
        weights = self.bits[:, None] * ~self.own
        return _ratio((others * weights).sum(dim=0), weights.sum(dim=0))


def _best_matches(
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    member: Int[Tensor, " c"],
    threshold_bits: float,
) -> _BestMatches:
    channels = information.shape[0]
    if nmi.shape != (channels, channels) or member.shape != (channels,):
        raise ToolkitError(
            f"{channels} channels need an NMI of every two and a member each; "
            f"given are {tuple(nmi.shape)} and {tuple(member.shape)}."
        )
    members = member.unique()
    informative = (information > threshold_bits).nonzero()[:, 0]
    member_of_row = member[informative]
    rows = nmi[informative]
    best = rows.new_zeros(len(informative), len(members))
    for column, number in enumerate(members):
        partners = informative[member_of_row == number]
        if len(partners):
            values = rows[:, partners]
            best[:, column] = torch.where(values.isnan(), -torch.inf, values).amax(dim=1)
    own = member_of_row[:, None] == members[None, :]
    best[own | best.isinf()] = 0.0  # infinite: NMI with no partner is defined
    return _BestMatches(best=best, own=own, bits=information[informative])


def _ratio(part: Float[Tensor, "*m"], whole: Float[Tensor, "*m"]) -> Float[Tensor, "*m"]:
    return torch.where(whole > 0, part / whole, 0.0)
