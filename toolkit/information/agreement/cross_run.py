"""How much members agree on: one number from a table of NMI, and its interval."""

from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.agreement.by_chance import value_interval
from toolkit.information.agreement.table import agreement_table
from toolkit.information.channels.jackknife import IntervalEstimate


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

    The fewer channels members have, the more they agree by chance: read it beside
    `random_axes_agreement`.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels.
        member: which member each channel belongs to, as whole numbers.
        threshold_bits: a channel is informative if it has more bits than this.

    Raises:
        ToolkitError: shapes differ, or there is only one member.

    >>> import torch
    >>> bits, nmi = torch.tensor([2.0, 2.0]), torch.tensor([[1.0, 0.8], [0.8, 1.0]])
    >>> round(cross_run_agreement(bits, nmi, torch.tensor([0, 1]), threshold_bits=0.01), 6)
    0.8
    """
    table = agreement_table(information, nmi, member, threshold_bits=threshold_bits)
    if len(table.bits) < 2:
        raise ToolkitError(
            "agreement needs at least 2 members, and all channels belong to one. Train more seeds."
        )
    return float(table.overall())


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

    >>> import torch
    >>> nmi = torch.tensor([[1.0, 0.8, 0.7], [0.8, 1.0, 0.9], [0.7, 0.9, 1.0]])
    >>> interval = agreement_interval(torch.ones(3), nmi, torch.arange(3), threshold_bits=0.01)
    >>> interval.estimate.round(decimals=6)
    tensor(0.8000)
    """
    table = agreement_table(information, nmi, member, threshold_bits=threshold_bits)
    interval = value_interval(table, level=level)
    if interval is None:
        raise ToolkitError(
            f"{len(table.bits)} member(s) show no spread of agreement; train 3 seeds or more."
        )
    return interval
