"""How much the members of an ensemble agree on: one number from a table of NMI."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError


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
    over the channels, weighted by their bits. 1 if all members know the same channels; 0 if no
    channel is informative. NMI is not clipped, so soft channels can pass the ends by a little.

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
    channels = information.shape[0]
    if nmi.shape != (channels, channels) or member.shape != (channels,):
        raise ToolkitError(
            f"{channels} channels need an NMI of every two and a member each; "
            f"given are {tuple(nmi.shape)} and {tuple(member.shape)}."
        )
    members = member.unique().tolist()
    if len(members) < 2:
        raise ToolkitError(
            "agreement needs at least 2 members, and all channels belong to one. Train more seeds."
        )
    informative = information > threshold_bits
    if not informative.any():
        return 0.0
    best = torch.stack([_best(nmi, informative & (member == one)) for one in members], dim=1)
    others = member[:, None] != torch.tensor(members, device=member.device)[None, :]
    found = (best * others).sum(dim=1) / (len(members) - 1)
    weight = information[informative]
    return float((found[informative] * weight).sum() / weight.sum())


def _best(nmi: Float[Tensor, "c c"], among: Tensor) -> Float[Tensor, " c"]:
    """Greatest NMI of each channel with one of `among`; 0 if there is none to compare with."""
    if not among.any():
        return nmi.new_zeros(nmi.shape[0])
    values = nmi[:, among]
    best = torch.where(values.isnan(), -torch.inf, values).amax(dim=1)
    return torch.where(best.isinf(), 0.0, best)
