"""Agreement beside what the same members would have if their axes meant nothing.

The null is not shuffled images but random axes: every member keeps its space and is seen from axes
turned at random (`turn_axes`). Members that learn one K-dimensional normal space and no axis of it
agree to 1, 0.6 to 0.8, 0.5 to 0.6, 0.4 to 0.5 for K = 1 to 4, by their sharpness
(docs/benchmarks/random-axes.md), so agreement rises as channels die. The corrected number is 0 at
the null and 1 at full agreement.
"""

import math
from dataclasses import replace
from typing import TypeVar

import scipy
import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.information.agreement.chance_table import LEAST_AXES, random_axes_table
from toolkit.information.agreement.table import AgreementTable, agreement_table
from toolkit.information.channels.jackknife import IntervalEstimate, jackknife
from toolkit.information.checks import INFORMATIVE_BITS
from toolkit.records import Agreement

Number = TypeVar("Number", float, Tensor)

LEVEL = 0.95
LEAST_ROOM = 0.01  # between chance and 1; with less, nothing is told apart
AXES_SEED = 0  # of every report, ensemble and study: one set of members has one number


def random_axes_agreement(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    member: Int[Tensor, " c"],
    *,
    information: Float[Tensor, " c"],
    nmi: Float[Tensor, "c c"],
    seed: int,
    threshold_bits: float = INFORMATIVE_BITS,
    draws: int | None = None,
) -> Agreement:
    """The agreement of members beside that of the same members seen from random axes.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        member: which member each channel belongs to, as whole numbers.
        information: bits of each channel.
        nmi: of every two channels.
        seed: of the random axes; `AXES_SEED` wherever numbers are to be compared.
        threshold_bits: a channel is informative if it has more bits than this.
        draws: of random axes for every member; see `random_axes_table`.

    Raises:
        ToolkitError: there is only one member, or the channels cannot be compared.

    Two members with the same three channels, and no third member for an interval:

    >>> from toolkit.information import compare_channels
    >>> dealer = torch.Generator().manual_seed(0)
    >>> mean = torch.randn(100, 3, generator=dealer).repeat(1, 2)
    >>> log_variance, member = torch.full((100, 6), -2.0), torch.arange(6) // 3
    >>> pairs = compare_channels(mean, log_variance)
    >>> found = random_axes_agreement(
    ...     mean, log_variance, member, seed=AXES_SEED,
    ...     information=pairs.information, nmi=pairs.nmi)
    >>> round(found.value, 3), round(found.corrected, 3), found.corrected_low
    (1.0, 1.0, None)
    """
    table = agreement_table(information, nmi, member, threshold_bits=threshold_bits)
    chance = random_axes_table(
        mean,
        log_variance,
        member,
        information,
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
    has_axes = int(counted.sum()) > 1
    if has_axes:
        table, chance = table.among(counted), chance.among(counted)
    low, high = _ends(value_interval(table))
    if not has_axes:
        return Agreement(
            value=float(table.overall()),
            low=low,
            high=high,
            members=len(table.bits),
            excluded=excluded,
        )
    draws = chance.overall()
    mean, half = float(draws.mean()), _half_width(draws)
    beside_chance = Agreement(
        value=float(table.overall()),
        low=low,
        high=high,
        by_chance=mean,
        chance_low=mean - half,
        chance_high=mean + half,
        members=len(table.bits),
        excluded=excluded,
    )
    if not has_room(mean):
        return beside_chance
    corrected_low, corrected_high = _ends(corrected_interval(table, chance))
    return replace(
        beside_chance,
        corrected=float(corrected(table.overall(), draws.mean())),
        corrected_low=corrected_low,
        corrected_high=corrected_high,
    )


def has_room(by_chance: float) -> bool:
    """Whether agreement can be above chance: not where random axes agree to 0.99 or more.

    Channels that tell nearly every probe image from every other agree whatever they know.

    >>> has_room(0.43), has_room(1.0)
    (True, False)
    """
    return by_chance <= 1 - LEAST_ROOM


def corrected(value: Number, by_chance: Number) -> Number:
    """Agreement as a share of what is left above chance: 0 at chance, 1 at full agreement.

    >>> corrected(0.75, 0.5)
    0.5
    """
    return (value - by_chance) / (1 - by_chance)


def value_interval(table: AgreementTable, *, level: float = LEVEL) -> IntervalEstimate | None:
    """The interval of the plain agreement over members; None with fewer than three.

    Arguments:
        table: of the members.
        level: probability that the interval holds the number.
    """
    return _leave_out(table.overall(), table.without_each(), level=level)


def corrected_interval(
    table: AgreementTable, chance: AgreementTable, *, level: float = LEVEL
) -> IntervalEstimate | None:
    """The interval of the corrected agreement over members, each left out of both tables in turn.

    Arguments:
        table: of the members; the result is None with fewer than three.
        chance: of the same members, by `random_axes_table`.
        level: probability that the interval holds the number.
    """
    return _leave_out(
        corrected(table.overall(), chance.overall().mean()),
        corrected(table.without_each(), chance.without_each().mean(dim=0)),
        level=level,
    )


def _leave_out(
    whole: Float[Tensor, ""], without: Float[Tensor, " m"], *, level: float
) -> IntervalEstimate | None:
    if len(without) < 3:
        return None
    sizes = torch.ones(len(without), dtype=torch.long, device=without.device)
    return jackknife(whole, without, sizes, level=level)


def _ends(interval: IntervalEstimate | None) -> tuple[float, float] | tuple[None, None]:
    if interval is None or not bool((interval.low + interval.high).isfinite()):
        return (None, None)  # not finite: without one member, chance leaves no room
    return (float(interval.low), float(interval.high))


def _half_width(draws: Float[Tensor, " d"]) -> float:
    """Half of the interval in which 95 % of further draws lie, by Student's law."""
    count = len(draws)
    spread = float(draws.std()) * math.sqrt(1 + 1 / count)
    return float(scipy.special.stdtrit(count - 1, (1 + LEVEL) / 2)) * spread
