"""Which settings differ, in planted runs whose bits and agreement are known."""

import math
from statistics import fmean

import numpy as np
import pytest
import torch

from tests.report.conftest import found, planted
from tests.report.page.test_render import page
from toolkit.information import compare_channels, cross_run_agreement
from toolkit.posteriors import Posteriors
from toolkit.report import ComparisonSettings, Findings, compare_runs, tables
from toolkit.report.findings.setting_differences import best_pairs
from toolkit.report.page.setting_differences import difference_sentences


def test_planted_settings_differ_in_bits_and_in_agreement(findings: Findings) -> None:
    """Runs of beta 1 know something of their own beside what all know."""
    bits, agreement = findings.setting_differences
    assert (bits.measure, agreement.measure) == ("bits", "corrected agreement")
    total = [summary.total_bits for summary in findings.summaries]
    assert bits.difference == pytest.approx(fmean(total[:3]) - fmean(total[3:]))
    points = [point.agreement for point in findings.curves[0].points]
    assert agreement.difference == pytest.approx(points[0].corrected - points[1].corrected)
    assert bits.differs
    assert bits.interval.low > 0 > agreement.interval.high


def test_settings_that_know_the_same_are_not_said_to_differ() -> None:
    findings = found(*planted(betas=(2.0, 4.0)))
    assert not any(pair.differs for pair in findings.setting_differences)


@pytest.mark.parametrize(("seeds", "measures"), [((0, 1), {"bits"}), ((0,), set())])
def test_too_few_runs_are_not_tested(seeds: tuple[int, ...], measures: set[str]) -> None:
    findings = found(*planted(seeds=seeds))
    assert {pair.measure for pair in findings.setting_differences} == measures
    assert len(tables(findings)["settings_compared"]) == len(measures)


def test_one_setting_is_compared_with_none() -> None:
    findings = found(*planted(betas=(1.0,)))
    assert findings.setting_differences == ()
    assert difference_sentences(findings) == []


def test_weighted_nmi_of_the_best_pairs_is_the_agreement() -> None:
    generator = torch.Generator().manual_seed(0)
    mean = torch.randn(400, 9, generator=generator)
    mean[:, 3:6] += mean[:, :3]
    member = torch.arange(9) // 3
    comparison = compare_channels(mean, torch.zeros(400, 9))
    expected = cross_run_agreement(
        comparison.information, comparison.nmi, member, threshold_bits=0.01
    )
    saturated = comparison.saturated_pairs.numpy()
    assert not saturated.any()
    among = (comparison, member.numpy(), np.arange(9), saturated, (0, 1, 2))
    pairs, weights = best_pairs(*among, most=18)
    assert len(pairs) == 18
    nmi = comparison.nmi.numpy()[pairs[:, 0], pairs[:, 1]]
    assert weights @ nmi == pytest.approx(expected, abs=1e-9)
    some, shares = best_pairs(*among, most=5)
    assert len(some) == 5
    assert shares.sum() == pytest.approx(1)
    none, _ = best_pairs(*among[:3], np.ones((9, 9), bool), (0, 1, 2), most=5)
    assert len(none) == 0


def six_runs(*, spread: float) -> Findings:
    """Three runs that know three shared pieces well, and three that know them poorly."""
    answers = []
    for seed in range(6):
        shared = torch.randn(300, 3, generator=torch.Generator().manual_seed(9))
        noise = torch.randn(300, 3, generator=torch.Generator().manual_seed(seed))
        mean = shared + noise * (0.2 if seed < 3 else 1.0)
        log_variance = torch.full((300, 3), 2 * math.log(spread))
        answers.append(Posteriors(mean=mean, log_variance=log_variance, probe="p"))
    return compare_runs(planted()[0], answers, settings=ComparisonSettings(seed=0))


@pytest.mark.parametrize(("spread", "over_images"), [(1.0, True), (0.001, False)])
def test_images_are_part_where_they_do_not_decide_every_nmi(
    spread: float, over_images: bool
) -> None:
    findings = six_runs(spread=spread)
    agreement = findings.setting_differences[-1]
    assert agreement.over_images is over_images
    assert agreement.differs is over_images  # sharp channels with noise of their own share nothing
    assert ("over runs alone" in page(findings, traversals={})) is not over_images
    again = six_runs(spread=spread)
    assert again.setting_differences == findings.setting_differences
