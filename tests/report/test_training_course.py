"""What runs knew while they were trained, by setting and step."""

from dataclasses import replace

import pytest

from tests.report.conftest import FACTORS, planted, planted_labels, planted_run
from toolkit.report import ComparisonSettings, compare_runs, render, tables
from toolkit.report.scores.records import Setting
from toolkit.report.training_course import course_of_training


def test_means_are_over_the_runs_of_a_setting_at_the_steps_that_all_have() -> None:
    first = replace(planted_run(1.0, 0), trajectory=((10, (1.0, 0.0)), (20, (2.0, 1.0))))
    second = replace(planted_run(1.0, 1), trajectory=((20, (3.0, 0.0)), (30, (4.0, 1.0))))
    alone = replace(planted_run(4.0, 0), trajectory=((10, (0.5, 0.5)),))
    found = course_of_training(
        [first, second, alone],
        [Setting(label="beta=1", runs=(0, 1)), Setting(label="beta=4", runs=(2,))],
        threshold_bits=0.01,
    )
    assert [(p.setting, p.step, p.runs, p.bits, p.active) for p in found] == [
        ("beta=1", 20, 2, 3.0, 1.5),
        ("beta=4", 10, 1, 1.0, 2.0),
    ]
    assert found[0].interval is not None
    assert found[0].interval.low == pytest.approx(3.0)  # both runs hold three bits
    assert found[1].interval is None


def test_the_report_shows_the_course() -> None:
    runs, posteriors = planted()
    runs = [replace(run, trajectory=((10, (1.0, 0.0)), (20, (2.25, 1.0)))) for run in runs]
    findings = compare_runs(
        runs,
        posteriors,
        labels=planted_labels(),
        factor_names=FACTORS,
        settings=ComparisonSettings(seed=0),
    )
    assert tables(findings)["training"].shape == (4, 7)
    page = render(findings, title="t", query="q", how="h", traversals={})
    assert "While they were trained" in page
    assert "3.25" in page
