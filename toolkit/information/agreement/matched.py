"""Agreement with channels matched one to one, and how surely a single channel comes back."""

import numpy as np
import scipy
import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.agreement.table import check_members
from toolkit.information.channels.jackknife import IntervalEstimate


def matched_agreement(
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    member: Int[Tensor, " c"],
    *,
    threshold_bits: float,
) -> Float[Tensor, "m m"]:
    r"""What two members share in channels matched one to one: about 0 to about 1, no unit.

    .. math:: \max_\pi \sum_i \sqrt{b_i b_{\pi(i)}} \, \mathrm{NMI}_{i \pi(i)}
              \Big/ \max\Big(\sum_i b_i, \sum_j b_j\Big)

    over all ways to give each informative channel of one member at most one of the other. Unlike
    `cross_run_agreement` no channel confirms two, and what the fuller member knows and the other
    does not counts against both: a member that collapsed to one channel of b bits shares at most
    the root of b times B with one of B bits, over B. Symmetric; 1 on the diagonal, 0 where one of
    the two has no informative channel.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels; NaN (undefined) counts as nothing in common.
        member: which member each channel belongs to, as whole numbers.
        threshold_bits: a channel is informative if it has more bits than this.

    Raises:
        ToolkitError: shapes differ.

    Two channels of the first member are both like the one of the second, which counts once:

    >>> nmi = torch.tensor([[1.0, 0.9, 0.8], [0.9, 1.0, 0.6], [0.8, 0.6, 1.0]])
    >>> bits, member = torch.tensor([2.0, 2.0, 2.0]), torch.tensor([0, 0, 1])
    >>> matched_agreement(bits, nmi, member, threshold_bits=0.01)
    tensor([[1.0000, 0.4000],
            [0.4000, 1.0000]])
    """
    check_members(information, nmi, member)
    channels = [
        ((member == number) & (information > threshold_bits)).nonzero()[:, 0]
        for number in member.unique()
    ]
    shared = torch.outer(information.clamp(min=0), information.clamp(min=0)).sqrt()
    shared = shared * nmi.nan_to_num(nan=0.0)
    table = torch.eye(len(channels), dtype=information.dtype, device=information.device)
    for row, rows in enumerate(channels):
        for column, columns in enumerate(channels[:row]):
            part = shared[rows[:, None], columns].numpy(force=True)
            matched = float(part[scipy.optimize.linear_sum_assignment(part, maximize=True)].sum())
            fuller = max(float(information[rows].sum()), float(information[columns].sum()))
            table[row, column] = table[column, row] = matched / fuller if fuller > 0 else 0.0
    return table


def reappearance(
    nmi: Float[Tensor, "c c"],
    information: Float[Tensor, " c"],
    member: Int[Tensor, " c"],
    *,
    threshold_bits: float,
    level: float = 0.95,
) -> IntervalEstimate:
    """How well each channel is found again in another member: about 0 to about 1, no unit.

    The best NMI with an informative channel of each other member (0 where it has none), mean over
    the other members, with Student's interval: what infinitely many other seeds would give. The
    interval is NaN with fewer than two other members.

    Arguments:
        nmi: of every two channels; NaN (undefined) counts as nothing in common.
        information: bits of each channel.
        member: which member each channel belongs to, as whole numbers.
        threshold_bits: a channel is informative if it has more bits than this.
        level: probability that an interval holds its number.

    Raises:
        ToolkitError: shapes differ, there is only one member, or the level is no probability.

    >>> nmi = torch.tensor([[1.0, 0.8, 0.6], [0.8, 1.0, 0.7], [0.6, 0.7, 1.0]])
    >>> found = reappearance(nmi, torch.ones(3), torch.arange(3), threshold_bits=0.01)
    >>> found.estimate
    tensor([0.7000, 0.7500, 0.6500])
    """
    check_members(information, nmi, member)
    numbers = member.unique()
    others = len(numbers) - 1
    if others < 1:
        raise ToolkitError(
            "a channel can come back in other members only, and there is 1. Train more seeds."
        )
    if not 0 < level < 1:
        raise ToolkitError(f"the level is {level:g}; give a probability between 0 and 1.")
    # Best match per channel and member
    values = nmi.nan_to_num(nan=0.0).masked_fill((information <= threshold_bits)[None, :], 0.0)
    best = torch.stack([values[:, member == number].amax(dim=1) for number in numbers], dim=1)
    best = best[member[:, None] != numbers[None, :]].reshape(len(member), others)
    # Student interval
    estimate = best.mean(dim=1)
    error = torch.full_like(estimate, np.nan)
    width = error
    if others > 1:
        error = best.std(dim=1) / others**0.5
        width = float(scipy.special.stdtrit(others - 1, (1 + level) / 2)) * error
    return IntervalEstimate(
        estimate=estimate, standard_error=error, low=estimate - width, high=estimate + width
    )
