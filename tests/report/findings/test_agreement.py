"""The agreement of each run, against loops and against the agreement of all."""

import numpy as np
import pytest
import torch
from scipy import stats

from toolkit.information import cross_run_agreement
from toolkit.report.findings.agreement import (
    agreement_intervals,
    agreement_of_each,
    agreement_table,
)

MEMBER = np.repeat([0, 1, 2, 3], [4, 3, 5, 2])


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    nmi = random.uniform(-0.05, 1.0, (14, 14))
    bits = random.uniform(0.0, 3.0, 14)
    bits[[1, 8]] = 0.001
    return bits, (nmi + nmi.T) / 2, bits > 0.01


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_loops_over_channels_give(seed: int) -> None:
    bits, nmi, kept = drawn(seed)
    each = agreement_of_each(agreement_table(bits, nmi, MEMBER, kept=kept, among=(0, 1, 2, 3)))
    for run in range(4):
        weighted, whole = 0.0, 0.0
        for channel in range(14):
            if MEMBER[channel] != run or not kept[channel]:
                continue
            best = [
                max(nmi[channel, o] for o in range(14) if MEMBER[o] == other and kept[o])
                for other in range(4)
                if other != run
            ]
            weighted += bits[channel] * sum(best) / 3
            whole += bits[channel]
        assert each[run] == pytest.approx(weighted / whole, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_its_mean_by_bits_is_the_agreement_of_all(seed: int) -> None:
    bits, nmi, kept = drawn(seed)
    each = agreement_of_each(agreement_table(bits, nmi, MEMBER, kept=kept, among=(0, 1, 2, 3)))
    weights = [bits[kept & (run == MEMBER)].sum() for run in range(4)]
    whole = cross_run_agreement(
        torch.from_numpy(bits),
        torch.from_numpy(nmi),
        torch.from_numpy(MEMBER),
        threshold_bits=0.01,
    )
    assert np.average(each, weights=weights) == pytest.approx(whole, abs=1e-12)


def test_a_run_that_keeps_nothing_agrees_with_nobody_and_confirms_nothing() -> None:
    kept = np.array([True, True, False])
    table = agreement_table(
        np.array([1.0, 1.0, 0.0]), np.ones((3, 3)), np.array([0, 1, 2]), kept=kept, among=(0, 1, 2)
    )
    assert agreement_of_each(table).tolist() == [0.5, 0.5, 0.0]


def test_the_interval_of_a_run_is_that_of_the_mean_over_the_others() -> None:
    bits, nmi, kept = drawn(0)
    table = agreement_table(bits, nmi, MEMBER, kept=kept, among=(0, 1, 2, 3))
    for run, interval in enumerate(agreement_intervals(table)):
        others = table[run][~np.isnan(table[run])]
        low, high = stats.t.interval(0.95, 2, loc=others.mean(), scale=stats.sem(others))
        assert interval is not None
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


def test_two_other_runs_are_too_few_for_an_interval() -> None:
    assert agreement_intervals(np.full((3, 3), 0.5)) == (None, None, None)
