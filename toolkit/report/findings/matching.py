"""What a run shares with others in channels matched one to one, and what it would by chance.

Chance is random axes: every run keeps its space and is seen from axes turned at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
import torch
from jaxtyping import Bool, Float, Int

from toolkit.information import compare_channels, has_room, turn_axes
from toolkit.information.agreement import LEAST_AXES, drawn_groups
from toolkit.posteriors import Posteriors


def matched_shares(
    information: Float[np.ndarray, " c"],
    nmi: Float[np.ndarray, "c c"],
    run_of_channel: Int[np.ndarray, " c"],
    *,
    kept: Bool[np.ndarray, " c"],
    runs: int,
) -> Float[np.ndarray, "m m"]:
    """The share of each run's bits that each other run has in channels matched one to one.

    Rows are the runs whose bits count, columns those in which they are looked for. Of all ways to
    give each channel of the row at most one of the column, and each of the column to at most one,
    the one with the largest sum of bits times NMI, divided by the bits of the row: about 0 to
    about 1, no unit; 0 where one of the two keeps nothing. NaN on the diagonal.

    Arguments:
        information: bits of each channel.
        nmi: of every two channels; NaN counts as 0.
        run_of_channel: which run each channel belongs to, 0 to runs - 1.
        kept: channels with enough bits to count.
        runs: how many there are.

    Two channels of the first run are confirmed by one of the second, which counts once:

    >>> nmi = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.6], [0.8, 0.6, 1.0]])
    >>> matched_shares(np.array([2.0, 2.0, 2.0]), nmi, np.array([0, 0, 1]),
    ...                kept=np.ones(3, bool), runs=2)
    array([[nan, 0.4],
           [0.8, nan]])
    """
    channels_of = [np.flatnonzero(kept & (run_of_channel == run)) for run in range(runs)]
    table = np.full((runs, runs), np.nan)
    for (row, column), _ in np.ndenumerate(table):
        if row == column:
            continue
        channels, others = channels_of[row], channels_of[column]
        shared = information[channels][:, None] * np.nan_to_num(nmi[np.ix_(channels, others)])
        matched = shared[scipy.optimize.linear_sum_assignment(shared, maximize=True)].sum()
        bits = information[channels].sum()
        table[row, column] = matched / bits if bits > 0 else 0.0
    return table


@dataclass(frozen=True, kw_only=True)
class ChanceShares:
    """Matched shares from random axes; NaN for runs without two active channels.

    Arguments:
        mean: (m,) of each run, over peers and turns.
        error: (m,) its standard error, because turns are a sample.
    """

    mean: Float[np.ndarray, " m"]
    error: Float[np.ndarray, " m"]


def shares_by_chance(
    posteriors: Sequence[Posteriors],
    active: Sequence[Bool[torch.Tensor, " _"]],
    *,
    seed: int,
    turns: int,
) -> ChanceShares:
    """The matched share of each run, mean over peers, if the axes of every run were random.

    In a turn the axes of every run are turned, and runs are compared in groups of at most 8 that
    are drawn anew each time.

    Arguments:
        posteriors: of two runs or more, for the same images.
        active: for each run which of its channels count.
        seed: draws turns and groups.
        turns: how many there are, two or more.
    """
    generator = torch.Generator().manual_seed(seed)
    counted = [run for run, inside in enumerate(active) if int(inside.sum()) >= LEAST_AXES]
    found = np.full((turns, len(posteriors)), np.nan)
    if len(counted) < 2:
        return ChanceShares(mean=found[0], error=found[0])
    for turn in range(turns):
        for group in drawn_groups(counted, generator=generator):
            # Random axes
            turned = [
                turn_axes(
                    posteriors[run].mean[:, active[run]],
                    posteriors[run].log_variance[:, active[run]],
                    generator=generator,
                )
                for run in group
            ]
            comparison = compare_channels(
                torch.cat([mean for mean, _ in turned], dim=1),
                torch.cat([log_variance for _, log_variance in turned], dim=1),
                dtype=torch.float32,  # exact to 1e-4, far below the spread between turns
            )
            shares = matched_shares(
                comparison.information.numpy(force=True),
                comparison.nmi.numpy(force=True),
                np.repeat(np.arange(len(group)), [mean.shape[1] for mean, _ in turned]),
                kept=np.ones(comparison.information.shape[0], bool),
                runs=len(group),
            )
            found[turn, group] = np.nanmean(shares, axis=1)
    return ChanceShares(mean=found.mean(axis=0), error=found.std(axis=0, ddof=1) / turns**0.5)


def confirmed_bits(
    bits: Float[np.ndarray, " m"],
    shares: Float[np.ndarray, "m m"],
    by_chance: Float[np.ndarray, " m"],
) -> Float[np.ndarray, "m m"]:
    """Bits of each run (row) that each other run (column) confirms beyond random axes.

    Bits times (share - by chance) / (1 - by chance); 0 for runs without axes to agree on, NaN on
    the diagonal. Negative where random axes would share more.

    Arguments:
        bits: of the active channels of each run.
        shares: of `matched_shares`.
        by_chance: of `shares_by_chance`; NaN for a run without axes.

    >>> shares = np.array([[np.nan, 0.75], [0.5, np.nan]])
    >>> confirmed_bits(np.array([4.0, 6.0]), shares, np.array([0.5, np.nan]))
    array([[nan,  2.],
           [ 0., nan]])
    """
    has_axes = np.array([has_room(float(chance)) for chance in by_chance])  # not NaN
    chance = np.where(has_axes, by_chance, 0.0)[:, None]
    found = np.where(has_axes[:, None], bits[:, None] * (shares - chance) / (1 - chance), 0.0)
    np.fill_diagonal(found, np.nan)
    return found
