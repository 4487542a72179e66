"""The agreement of each run, against loops and against the agreement of all."""

import numpy as np
import pytest
import torch
from scipy import stats

from toolkit.information import (
    AgreementTable,
    agreement_beside_chance,
    agreement_table,
    cross_run_agreement,
)
from toolkit.report.findings.agreement import agreement_of_runs

MEMBER = torch.from_numpy(np.repeat([0, 1, 2, 3], [4, 3, 5, 2]))
CHANCE = 0.25


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    nmi = random.uniform(-0.05, 1.0, (14, 14))
    bits = random.uniform(0.0, 3.0, 14)
    bits[[1, 8]] = 0.001
    return bits, (nmi + nmi.T) / 2, bits > 0.01


def table_of(seed: int) -> AgreementTable:
    bits, nmi, _ = drawn(seed)
    return agreement_table(
        torch.from_numpy(bits), torch.from_numpy(nmi), MEMBER, threshold_bits=0.01
    )


def by_chance(table: AgreementTable) -> AgreementTable:
    """Ten draws that know the same number of every pair of runs with two channels."""
    found = torch.full((10, *table.found.shape), CHANCE, dtype=torch.float64)
    found[:, table.axes < 2] = torch.nan
    found[:, :, table.axes < 2] = torch.nan
    found[:, torch.arange(len(table.bits)), torch.arange(len(table.bits))] = torch.nan
    return AgreementTable(
        found=found, bits=table.bits.expand(10, -1), axes=table.axes.expand(10, -1)
    )


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_loops_over_channels_give(seed: int) -> None:
    bits, nmi, kept = drawn(seed)
    table = table_of(seed)
    for run, found in enumerate(agreement_of_runs(table, by_chance(table))):
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
        assert found.value == pytest.approx(weighted / whole, abs=1e-12)
        assert found.by_chance == pytest.approx(CHANCE)
        assert found.corrected == pytest.approx((weighted / whole - CHANCE) / (1 - CHANCE))


@pytest.mark.parametrize("seed", range(4))
def test_its_mean_by_bits_is_the_agreement_of_all(seed: int) -> None:
    bits, nmi, _ = drawn(seed)
    table = table_of(seed)
    values = [run.value for run in agreement_of_runs(table, by_chance(table))]
    whole = cross_run_agreement(
        torch.from_numpy(bits), torch.from_numpy(nmi), MEMBER, threshold_bits=0.01
    )
    assert np.average(values, weights=table.bits) == pytest.approx(whole, abs=1e-12)
    beside = agreement_beside_chance(table, by_chance(table))
    assert beside.value == pytest.approx(whole, abs=1e-8)


def test_a_run_with_one_channel_confirms_nobody_and_has_no_chance() -> None:
    bits = torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0]).double()
    nmi = torch.full((5, 5), 0.5).double()
    nmi[4], nmi[:, 4] = 0.9, 0.9
    table = agreement_table(bits, nmi, torch.tensor([0, 0, 1, 1, 2]), threshold_bits=0.01)
    first, second, lone = agreement_of_runs(table, by_chance(table))
    assert (first.value, second.value) == pytest.approx((0.5, 0.5))
    assert first.corrected == pytest.approx(1 / 3)
    assert lone.value == pytest.approx(0.9)
    assert (lone.by_chance, lone.corrected, lone.corrected_interval) == (None, None, None)


def test_where_no_run_has_axes_the_plain_number_is_of_all() -> None:
    bits = torch.tensor([1.0, 1.0, 0.0]).double()
    table = agreement_table(bits, torch.ones(3, 3).double(), torch.arange(3), threshold_bits=0.01)
    runs = agreement_of_runs(table, by_chance(table))
    assert [run.value for run in runs] == [0.5, 0.5, 0.0]
    assert [run.corrected for run in runs] == [None] * 3


def test_the_interval_of_a_run_is_that_of_the_mean_over_the_others() -> None:
    table = table_of(0)
    for row, run in zip(
        table.found.numpy(), agreement_of_runs(table, by_chance(table)), strict=True
    ):
        others = row[~np.isnan(row)]
        low, high = stats.t.interval(0.95, 2, loc=others.mean(), scale=stats.sem(others))
        assert run.interval is not None
        assert (run.interval.low, run.interval.high) == pytest.approx((low, high), abs=1e-12)
        assert run.corrected_interval is not None
        assert run.corrected_interval.low == pytest.approx((low - CHANCE) / (1 - CHANCE))


def test_two_other_runs_are_too_few_for_an_interval() -> None:
    table = table_of(0).among(torch.arange(3))
    runs = agreement_of_runs(table, by_chance(table))
    assert [(run.interval, run.corrected_interval) for run in runs] == [(None, None)] * 3
