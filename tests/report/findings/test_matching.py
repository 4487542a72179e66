"""Channels matched one to one, by brute force; and what random axes share."""

from itertools import permutations

import numpy as np
import pytest
import torch

from tests.report.findings.planted_spaces import pieces, space, turned
from toolkit.information import compare_channels
from toolkit.report.findings.matching import confirmed_bits, matched_shares, shares_by_chance


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (2, 4), (4, 2), (1, 3)])
def test_the_matching_is_the_best_of_all(rows: int, columns: int) -> None:
    generator = np.random.default_rng(10 * rows + columns)
    nmi = generator.uniform(size=(rows + columns,) * 2)
    bits = generator.uniform(0.5, 4.0, size=rows + columns)
    run = np.repeat([0, 1], [rows, columns])
    found = matched_shares(bits, nmi, run, kept=np.ones(rows + columns, bool), runs=2)
    shared = bits[:rows, None] * nmi[:rows, rows:]
    few, many = min(rows, columns), max(rows, columns)
    table = shared if rows <= columns else shared.T
    best = max(
        sum(table[at, chosen[at]] for at in range(few)) for chosen in permutations(range(many), few)
    )
    assert found[0, 1] == pytest.approx(best / bits[:rows].sum())


def test_channels_that_are_not_kept_neither_count_nor_confirm() -> None:
    nmi = np.full((4, 4), 0.9)
    run = np.array([0, 0, 1, 1])
    kept = np.array([True, False, False, False])
    shares = matched_shares(np.ones(4), nmi, run, kept=kept, runs=2)
    assert (shares[0, 1], shares[1, 0]) == (0, 0)


def test_random_axes_share_as_much_as_runs_whose_axes_are_random() -> None:
    """Second route: runs of one space, each really turned, share what the null says."""
    runs = [turned(pieces(3), seed) for seed in range(8)]
    active = [torch.ones(3, dtype=torch.bool)] * 8
    chance = shares_by_chance(runs, active, seed=0, turns=20)
    comparison = compare_channels(
        torch.cat([run.mean for run in runs], dim=1),
        torch.cat([run.log_variance for run in runs], dim=1),
    )
    shares = matched_shares(
        comparison.information.numpy(),
        comparison.nmi.numpy(),
        np.repeat(np.arange(8), 3),
        kept=np.ones(24, bool),
        runs=8,
    )
    assert chance.mean.mean() == pytest.approx(np.nanmean(shares), abs=0.04)
    assert (chance.error < 0.02).all()


def test_more_than_eight_runs_are_compared_in_groups_with_the_same_answer() -> None:
    runs = [turned(pieces(3), seed) for seed in range(12)]
    active = [torch.ones(3, dtype=torch.bool)] * 12
    many = shares_by_chance(runs, active, seed=0, turns=10).mean
    few = shares_by_chance(runs[:6], active[:6], seed=1, turns=10).mean
    assert many.mean() == pytest.approx(few.mean(), abs=0.03)


def test_runs_without_two_active_channels_have_no_axes() -> None:
    runs = [space(pieces(2)), space(pieces(2)), space(pieces(1))]
    active = [torch.ones(run.mean.shape[1], dtype=torch.bool) for run in runs]
    by_chance = shares_by_chance(runs, active, seed=0, turns=2).mean
    assert np.isfinite(by_chance).tolist() == [True, True, False]
    assert confirmed_bits(np.ones(3), np.full((3, 3), 0.9), by_chance)[2, 0] == 0
