"""How well the other runs confirm each run, beside what random axes would give."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from toolkit.information import (
    AXES_SEED,
    Agreement,
    AgreementTable,
    ChannelComparison,
    corrected,
    has_room,
    random_axes_agreement,
)
from toolkit.report.intervals import Interval, mean_interval

LEAST_OTHERS = 3  # other runs; two hardly show a spread

AgreementAmong = Callable[[tuple[int, ...]], Agreement]


@dataclass(frozen=True, kw_only=True)
class RunAgreement:
    """The agreement of one run with the others; for the fields see `RunSummary`."""

    value: float
    interval: Interval | None
    by_chance: float | None
    corrected: float | None
    corrected_interval: Interval | None


def agreement_of_runs(table: AgreementTable, chance: AgreementTable) -> tuple[RunAgreement, ...]:
    """The agreement of every run: means over the other runs that have axes to agree on.

    The mean over runs with axes, weighted by their kept bits, is `Agreement.value`. Where fewer
    than two runs have two active channels, the mean is over all other runs, and nothing is known of
    chance.

    Arguments:
        table: of all runs.
        chance: of the same runs, by `random_axes_table`.

    >>> shared = torch.tensor([[torch.nan, 0.8], [0.8, torch.nan]])
    >>> table = AgreementTable(found=shared, bits=torch.ones(2), axes=torch.tensor([2, 2]))
    >>> chance = AgreementTable(
    ...     found=torch.full((4, 2, 2), 0.6), bits=torch.ones(4, 2), axes=torch.ones(4, 2).long())
    >>> [round(run.corrected, 3) for run in agreement_of_runs(table, chance)]
    [0.5, 0.5]
    """
    has_axes = table.axes >= 2
    if has_axes.sum() < 2:
        has_axes = torch.ones_like(has_axes)
    found = torch.where(has_axes[None, :], table.found, torch.nan)
    expected = chance.of_each().nanmean(dim=0).tolist()  # NaN: was not compared
    runs = []
    for row, by_chance in zip(found, expected, strict=True):
        known = row[~row.isnan()].tolist()
        value = sum(known) / len(known)
        interval = mean_interval(known) if len(known) >= LEAST_OTHERS else None
        run = RunAgreement(
            value=value, interval=interval, by_chance=None, corrected=None, corrected_interval=None
        )
        if not math.isnan(by_chance):
            run = replace(run, by_chance=by_chance)
        if has_room(by_chance):
            run = replace(run, corrected=corrected(value, by_chance))
            if interval is not None:
                low, high = (corrected(end, by_chance) for end in (interval.low, interval.high))
                run = replace(run, corrected_interval=Interval(low=low, high=high))
        runs.append(run)
    return tuple(runs)


def agreement_among(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    comparison: ChannelComparison,
    *,
    run_of_channel: Int[Tensor, " c"],
    threshold_bits: float,
) -> AgreementAmong:
    """The function that gives the agreement among some of the runs, two or more, by position.

    It computes the agreement of the same runs once.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        comparison: of these channels.
        run_of_channel: position of the run that each channel belongs to.
        threshold_bits: channels with no more bits are ignored.
    """

    @cache
    def among(positions: tuple[int, ...]) -> Agreement:
        inside = torch.isin(run_of_channel, torch.tensor(positions))
        return random_axes_agreement(
            mean[:, inside],
            log_variance[:, inside],
            run_of_channel[inside],
            information=comparison.information[inside],
            nmi=comparison.nmi[inside][:, inside],
            seed=AXES_SEED,
            threshold_bits=threshold_bits,
        )

    return among
