"""Which run to trust: the one with most bits that other runs find again on the same axes.

Agreement alone favours runs that know little: one channel that every run has agrees fully. Bits
alone favour runs whose channels no other seed has. Both together count what is confirmed and how
much of it, no channel twice, and nothing that random axes would share as well. docs/trust.md
compares this with other ways to choose, on data with known factors.
"""

from collections.abc import Sequence

import numpy as np
import scipy
import torch
from jaxtyping import Bool, Float

from toolkit.information import ChannelComparison
from toolkit.information.channels.jackknife import jackknife
from toolkit.posteriors import Posteriors
from toolkit.report.findings.agreement import LEAST_OTHERS
from toolkit.report.findings.matching import confirmed_bits, matched_shares, shares_by_chance
from toolkit.report.intervals import LEVEL, RANKED_DIGITS, Interval
from toolkit.report.recommendation import Confirmation, Recommendation, SettingConfirmation
from toolkit.report.scores.records import Setting

TURNS = 10  # of all axes; the mean share by chance is then known to about 0.01
LEAST_TURNS = 4  # with many runs
TURNED = 400  # runs times turns; the cost grows as this number
NORMAL_95 = 1.96  # half a 95 % interval in standard errors, for the error of the turns


def recommend(
    comparison: ChannelComparison,
    posteriors: Sequence[Posteriors],
    settings: Sequence[Setting],
    *,
    kept: Bool[np.ndarray, " c"],
    seed: int,
) -> Recommendation:
    """The one answer: the setting whose runs confirm one another, and in it the run that all do.

    Settings are ranked by what their runs confirm of one another; where no setting has two runs,
    or none stands out, all runs are candidates. Runs are ranked by what all other runs confirm.

    Arguments:
        comparison: of all channels of all runs, in order.
        posteriors: of the runs.
        settings: groups of runs that differ in their seed alone.
        kept: channels with enough bits to count.
        seed: draws the turns of the axes.
    """
    runs = len(posteriors)
    run_of_channel = np.repeat(np.arange(runs), [run.mean.shape[1] for run in posteriors])
    information = comparison.information.numpy(force=True)
    nmi = comparison.nmi.numpy(force=True)
    shares = matched_shares(information, nmi, run_of_channel, kept=kept, runs=runs)
    bits = np.bincount(run_of_channel, weights=np.where(kept, information, 0.0), minlength=runs)
    active = [torch.from_numpy(kept[run_of_channel == run]) for run in range(runs)]
    turns = min(TURNS, max(LEAST_TURNS, TURNED // runs))
    chance = shares_by_chance(posteriors, active, seed=seed, turns=turns)
    by_chance = chance.mean
    confirmed = confirmed_bits(bits, shares, by_chance)
    # Errors of the chance shares
    later = confirmed_bits(bits, shares, by_chance + chance.error)
    error = np.abs(np.nanmean(later - confirmed, axis=1))
    confirmations = [
        _confirmation(
            run,
            bits=float(bits[run]),
            active=int(active[run].sum()),
            matched=np.delete(shares[run], run),
            by_chance=float(by_chance[run]) if np.isfinite(by_chance[run]) else None,
            confirmed=np.delete(confirmed[run], run),
            error=float(error[run]),
        )
        for run in range(runs)
    ]
    ranked_settings = []
    for setting in settings:
        if len(setting.runs) < 2:
            continue
        inside = list(setting.runs)
        among = shares_by_chance(
            [posteriors[run] for run in inside],
            [active[run] for run in inside],
            seed=seed,
            turns=turns,
        )
        pairs = confirmed_bits(bits[inside], shares[np.ix_(inside, inside)], among.mean)
        ranked_settings.append(_setting_confirmation(setting, pairs))
    ranked_settings.sort(key=lambda found: -_ranked(found))
    confirmations.sort(key=lambda found: (-_ranked(found), found.run))
    # One setting, else all runs
    first_apart = len(ranked_settings) > 1 and _apart(
        ranked_settings[0].interval, ranked_settings[1].interval
    )
    candidates = [found.run for found in confirmations]
    if ranked_settings and _ranked(ranked_settings[0]) > 0:
        candidates = [run for run in candidates if run in ranked_settings[0].runs]
    best = candidates[0]
    considered = candidates if first_apart else [found.run for found in confirmations]
    rivals = [run for run in considered if run != best and not _above(confirmed, error, best, run)]
    found = _ranked(next(found for found in confirmations if found.run == best)) > 0
    return Recommendation(
        confirmations=tuple(confirmations),
        settings=tuple(ranked_settings),
        best=best if found else None,
        rivals=tuple(rivals) if found else (),
        setting_stands_out=first_apart and found,
    )


def _confirmation(
    run: int,
    *,
    bits: float,
    active: int,
    matched: Float[np.ndarray, " p"],
    by_chance: float | None,
    confirmed: Float[np.ndarray, " p"],
    error: float,
) -> Confirmation:
    known = by_chance is not None and len(confirmed) >= LEAST_OTHERS
    return Confirmation(
        run=run,
        bits=bits,
        active=active,
        matched=float(matched.mean()),
        by_chance=by_chance,
        confirmed_bits=float(confirmed.mean()),
        interval=_widened(confirmed, error) if known else None,
    )


def _setting_confirmation(setting: Setting, pairs: Float[np.ndarray, "r r"]) -> SettingConfirmation:
    """The mean over pairs of runs, and its interval over runs, each left out in turn."""
    count, interval = len(pairs), None
    if count >= LEAST_OTHERS:
        without = [
            np.nanmean(np.delete(np.delete(pairs, run, axis=0), run, axis=1))
            for run in range(count)
        ]
        estimate = jackknife(
            torch.tensor(np.nanmean(pairs)),
            torch.tensor(without),
            torch.ones(count, dtype=torch.long),
            level=LEVEL,
        )
        interval = Interval(low=float(estimate.low), high=float(estimate.high))
    return SettingConfirmation(
        label=setting.label,
        runs=setting.runs,
        confirmed_bits=float(np.nanmean(pairs)),
        interval=interval,
    )


def _ranked(confirmed: Confirmation | SettingConfirmation) -> float:
    return round(confirmed.confirmed_bits, RANKED_DIGITS)


def _apart(higher: Interval | None, lower: Interval | None) -> bool:
    """Whether the first of two intervals lies above the second; not where one is unknown."""
    return higher is not None and lower is not None and higher.low > lower.high


def _widened(values: Float[np.ndarray, " p"], error: float) -> Interval:
    """Student's interval of the mean of some values that share one more error."""
    middle, count = float(values.mean()), len(values)
    half = (
        float(scipy.special.stdtrit(count - 1, (1 + LEVEL) / 2))
        * float(values.std(ddof=1))
        / count**0.5
    )
    half = float(np.hypot(half, NORMAL_95 * error))
    return Interval(low=middle - half, high=middle + half)


def _above(
    confirmed: Float[np.ndarray, "m m"], error: Float[np.ndarray, " m"], best: int, other: int
) -> bool:
    """Whether the runs beside these two confirm more of the first, beyond all errors."""
    beside = [run for run in range(len(confirmed)) if run not in (best, other)]
    if len(beside) < LEAST_OTHERS:
        return False
    difference = (confirmed[best] - confirmed[other])[beside]
    return _widened(difference, float(np.hypot(error[best], error[other]))).low > 0
