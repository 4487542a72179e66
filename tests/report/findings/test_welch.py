"""Welch's test of settings: against SciPy, by simulation, and with planted differences."""

import numpy as np
import pytest
import torch
from scipy import stats

from toolkit.information import AgreementTable, LeftOut, agreement_beside_chance
from toolkit.information.channels.jackknife import jackknife
from toolkit.report.findings.setting_differences import agreement_numbers
from toolkit.report.findings.welch import SettingNumbers, differences, holm

IMAGES = 60
MEMBERS = 4


def numbers_of(samples: list[np.ndarray], images: LeftOut | None = None) -> SettingNumbers:
    return SettingNumbers(
        values=np.array([sample.mean() for sample in samples]),
        variances=np.array([[sample.var(ddof=1) / len(sample) for sample in samples]]),
        degrees=np.array([[len(sample) - 1.0 for sample in samples]]),
        images=images,
    )


def image_means(shown: np.ndarray) -> LeftOut:
    """The means of an (images, numbers) table, with all images and without each."""
    without = (shown.sum(axis=0) - shown) / (len(shown) - 1)
    return LeftOut(
        values=torch.from_numpy(np.concatenate([shown.mean(axis=0)[None], without])),
        sizes=torch.ones(len(shown), dtype=torch.long),
    )


def test_without_images_it_is_the_test_of_scipy() -> None:
    random = np.random.default_rng(0)
    samples = [random.normal(row, 1 + row, 2 + row) for row in range(4)]
    found = differences("bits", range(4), numbers_of(samples))
    assert [(pair.first, pair.second) for pair in found] == [
        (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3),
    ]  # fmt: skip
    for pair in found:
        first, second = samples[pair.first], samples[pair.second]
        expected = stats.ttest_ind(first, second, equal_var=False)
        assert pair.difference == pytest.approx(first.mean() - second.mean())
        assert pair.p_value == pytest.approx(expected.pvalue, rel=1e-9)
        ends = expected.confidence_interval(0.95)
        assert (pair.interval.low, pair.interval.high) == pytest.approx((ends.low, ends.high))


@pytest.mark.parametrize("seed", range(5))
def test_holm_claims_what_his_procedure_rejects(seed: int) -> None:
    p_values = np.random.default_rng(seed).uniform(0, 0.03, 6)
    rejected = set()
    for step, row in enumerate(np.argsort(p_values)):
        if p_values[row] > 0.05 / (len(p_values) - step):
            break
        rejected.add(int(row))
    assert set(np.flatnonzero(holm(p_values) <= 0.05).tolist()) == rejected


def test_equal_settings_differ_in_one_comparison_of_twenty() -> None:
    random = np.random.default_rng(1)
    claims = [
        differences("bits", (0, 1), numbers_of(list(random.normal(size=(2, MEMBERS)))))[0].differs
        for _ in range(2000)
    ]
    assert 0.03 < np.mean(claims) < 0.065


def test_among_many_equal_settings_few_comparisons_claim_any_difference() -> None:
    random = np.random.default_rng(2)
    claims = [
        any(
            pair.differs
            for pair in differences(
                "bits", range(5), numbers_of(list(random.normal(size=(5, MEMBERS))))
            )
        )
        for _ in range(600)
    ]
    assert np.mean(claims) < 0.065


@pytest.mark.parametrize(("planted", "low", "high"), [(0.0, 0.005, 0.06), (1.5, 0.8, 1.0)])
def test_images_that_settings_answer_differently_do_not_make_a_difference(
    planted: float, low: float, high: float
) -> None:
    """Members answer the same images, and each setting answers an image in a way of its own."""
    random = np.random.default_rng(3)
    claims, claims_without = [], []
    for _ in range(600):
        common, own = random.normal(size=(IMAGES, 1)), random.normal(size=(IMAGES, 2))
        shown = 5 * common + 2 * own + np.array([planted, 0.0])
        of_members = shown.mean(axis=0)[:, None] + random.normal(0, 0.2, (2, MEMBERS))
        with_images = numbers_of(list(of_members), image_means(shown))
        claims.append(differences("bits", (0, 1), with_images)[0].differs)
        claims_without.append(differences("bits", (0, 1), numbers_of(list(of_members)))[0].differs)
    assert low <= np.mean(claims) <= high
    assert np.mean(claims_without) > 0.3  # seeds alone would claim far too often


def test_covariance_over_images_gives_the_error_of_every_difference() -> None:
    random = np.random.default_rng(4)
    numbers = LeftOut(
        values=torch.from_numpy(random.normal(size=(6, 3))), sizes=torch.tensor([5, 5, 4, 4, 4])
    )
    weights = torch.tensor([[1.0], [-2.0], [0.5]], dtype=torch.float64)
    mixed = LeftOut(values=numbers.values @ weights, sizes=numbers.sizes)
    error = jackknife(mixed.values[0], mixed.values[1:], mixed.sizes).standard_error
    assert float(weights.T @ numbers.covariance() @ weights) == pytest.approx(float(error**2))


def table_of_runs(random: np.random.Generator, *, level: float) -> AgreementTable:
    """Pairs of runs that share a run are alike, as in every agreement."""
    run = random.normal(0, 0.05, MEMBERS + 1)
    found = level + run[:, None] + run + random.normal(0, 0.03, (MEMBERS + 1,) * 2)
    np.fill_diagonal(found, np.nan)
    return AgreementTable(
        found=torch.from_numpy(found),
        bits=torch.from_numpy(random.uniform(2, 3, MEMBERS + 1)),
        axes=torch.full((MEMBERS + 1,), 3),
    )


@pytest.mark.parametrize(("planted", "low", "high"), [(0.0, 0.01, 0.07), (0.3, 0.8, 1.0)])
def test_agreements_of_equal_settings_differ_by_chance_alone(
    planted: float, low: float, high: float
) -> None:
    random = np.random.default_rng(5)
    claims = []
    for _ in range(400):
        agreements = []
        for level in (0.5, 0.5 + planted):
            table = table_of_runs(random, level=level)
            found = torch.from_numpy(0.3 + random.normal(0, 0.02, (10, *table.found.shape)))
            found[:, torch.eye(MEMBERS + 1, dtype=torch.bool)] = torch.nan
            chance = AgreementTable(
                found=found, bits=table.bits.expand(10, -1), axes=table.axes.expand(10, -1)
            )
            agreements.append(agreement_beside_chance(table, chance))
        pair = differences("corrected agreement", (0, 1), agreement_numbers(agreements))[0]
        claims.append(pair.differs)
    assert low <= np.mean(claims) <= high


def test_settings_without_any_spread_are_not_tested() -> None:
    assert differences("bits", (0, 1), numbers_of([np.ones(3), np.full(3, 2.0)])) == ()


def test_one_setting_has_nothing_to_differ_from() -> None:
    assert differences("bits", (0,), numbers_of([np.arange(3.0)])) == ()
