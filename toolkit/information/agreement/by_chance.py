"""Agreement beside what the same members would have if their axes meant nothing.

The null is not shuffled images but random axes: every member keeps its space and is seen from axes
turned at random (`turn_axes`). Members that learn one K-dimensional normal space and no axis of it
agree to about 1.00, 0.70, 0.51, 0.46 for K = 1 to 4 (docs/benchmarks/random-axes.md), so agreement
rises as channels die. The corrected number is 0 at the null and 1 at full agreement.
"""

import math
from dataclasses import dataclass

import scipy
import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.agreement.chance_table import LEAST_AXES, random_axes_table
from toolkit.information.agreement.table import AgreementTable, agreement_table
from toolkit.information.channels.comparison import ChannelComparison
from toolkit.information.channels.jackknife import IntervalEstimate, jackknife
from toolkit.information.checks import INFORMATIVE_BITS

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The agreement of members, what random axes would give, and the corrected number. No unit.

    All numbers are of the members with two informative channels or more: one channel has no other
    axis, so its member agrees with everything or nothing whatever it learnt. With fewer than two
    such members nothing can be said of axes: `value` is then of all members and the rest None.

    Arguments:
        value: `cross_run_agreement`, about 0 to about 1.
        by_chance: the mean of the same number over draws of random axes.
        chance_low, chance_high: where 95 % of draws of random axes lie; a value inside is no sign
            that axes are found again.
        corrected: (value - by_chance) / (1 - by_chance), at most about 1, 0 at chance, below 0
            where members share less than spaces turned at random.
        corrected_low, corrected_high: 95 % interval of `corrected` over members (other seeds);
            None with fewer than three.
        members: how many the numbers are of.
        excluded: positions of the members left out, in the order of their numbers.
    """

    value: float
    by_chance: float | None
    chance_low: float | None
    chance_high: float | None
    corrected: float | None
    corrected_low: float | None
    corrected_high: float | None
    members: int
    excluded: tuple[int, ...]


def random_axes_agreement(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    member: Int[Tensor, " c"],
    comparison: ChannelComparison,
    *,
    seed: int,
    threshold_bits: float = INFORMATIVE_BITS,
    draws: int | None = None,
) -> Agreement:
    """The agreement of members beside that of the same members seen from random axes.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        member: which member each channel belongs to, as whole numbers.
        comparison: of these channels.
        seed: of the random axes.
        threshold_bits: a channel is informative if it has more bits than this.
        draws: of random axes for every member; see `random_axes_table`.

    Raises:
        ToolkitError: there is only one member, or the channels cannot be compared.

    Two members with the same three channels, and no third member for an interval:

    >>> from toolkit.information import compare_channels
    >>> dealer = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(100, 3, generator=dealer).repeat(1, 2)
    >>> log_variance, member = torch.full((100, 6), -2.0), torch.arange(6) // 3
    >>> found = random_axes_agreement(
    ...     mean, log_variance, member, compare_channels(mean, log_variance), seed=0)
    >>> round(found.value, 3), round(found.corrected, 3), found.corrected_low
    (1.0, 1.0, None)
    """
    table = agreement_table(
        comparison.information, comparison.nmi, member, threshold_bits=threshold_bits
    )
    chance = random_axes_table(
        mean,
        log_variance,
        member,
        comparison.information,
        seed=seed,
        threshold_bits=threshold_bits,
        draws=draws,
    )
    return agreement_beside_chance(table, chance)


def agreement_beside_chance(table: AgreementTable, chance: AgreementTable) -> Agreement:
    """The agreement of a table beside that of the tables of random axes.

    Arguments:
        table: of the members.
        chance: of the same members, by `random_axes_table`.

    Raises:
        ToolkitError: there is only one member.
    """
    if len(table.bits) < 2:
        raise ToolkitError(
            "agreement needs at least 2 members, and all channels belong to one. Train more seeds."
        )
    counted = table.axes >= LEAST_AXES
    excluded = tuple((~counted).nonzero()[:, 0].tolist())
    members = int(counted.sum())
    if members < 2:
        return Agreement(
            value=float(table.overall()),
            by_chance=None,
            chance_low=None,
            chance_high=None,
            corrected=None,
            corrected_low=None,
            corrected_high=None,
            members=len(table.bits),
            excluded=excluded,
        )
    table, chance = table.among(counted), chance.among(counted)
    draws = chance.overall()
    mean, half = float(draws.mean()), _half_width(draws)
    interval = corrected_interval(table, chance) if members > 2 else None
    return Agreement(
        value=float(table.overall()),
        by_chance=mean,
        chance_low=mean - half,
        chance_high=mean + half,
        corrected=float(corrected(table.overall(), draws.mean())),
        corrected_low=None if interval is None else float(interval.low),
        corrected_high=None if interval is None else float(interval.high),
        members=members,
        excluded=excluded,
    )


def corrected(value: Float[Tensor, "*m"], by_chance: Float[Tensor, "*m"]) -> Float[Tensor, "*m"]:
    """Agreement as a share of what is left above chance: 0 at chance, 1 at full agreement.

    >>> corrected(torch.tensor(0.75), torch.tensor(0.5))
    tensor(0.5000)
    """
    return (value - by_chance) / (1 - by_chance)


def corrected_interval(
    table: AgreementTable, chance: AgreementTable, *, level: float = LEVEL
) -> IntervalEstimate:
    """The interval of the corrected agreement over members, each left out of both tables in turn.

    Arguments:
        table: of three members or more.
        chance: of the same members, by `random_axes_table`.
        level: probability that the interval holds the number.
    """
    return jackknife(
        corrected(table.overall(), chance.overall().mean()),
        corrected(table.without_each(), chance.without_each().mean(dim=0)),
        torch.ones(len(table.bits), dtype=torch.long, device=table.bits.device),
        level=level,
    )


def _half_width(draws: Float[Tensor, " d"]) -> float:
    """Half of the interval in which 95 % of further draws lie, by Student's law."""
    count = len(draws)
    spread = float(draws.std()) * math.sqrt(1 + 1 / count)
    return float(scipy.special.stdtrit(count - 1, (1 + LEVEL) / 2)) * spread
