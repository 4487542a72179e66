"""Curves along hyper-parameters, against a table grouped by pandas."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from tests.report.conftest import found, planted, planted_run
from toolkit.report import Findings, tables
from toolkit.report.findings.curves import varying


def test_points_are_the_means_of_the_runs_with_their_value(findings: Findings) -> None:
    runs = tables(findings)["runs"]
    columns = ["distortion_nats", "rate_nats", "channels_bits", "active_channels", "hot_spots"]
    means = runs.groupby("beta")[columns].mean().reset_index()
    curves = tables(findings)["curves"]
    assert curves["value"].tolist() == [1.0, 4.0]
    assert curves["runs"].tolist() == [3, 3]
    pd.testing.assert_frame_equal(curves[columns], means[columns], check_dtype=False, atol=1e-8)


def test_agreement_is_that_of_the_runs_with_the_value_alone(findings: Findings) -> None:
    runs, answers = planted(betas=(1.0,))
    alone = found(runs, answers)
    first, second = (point.agreement for point in findings.curves[0].points)
    assert first == alone.agreement
    assert second is not None
    assert second.value == pytest.approx(1.0, abs=1e-6)
    assert second.corrected == pytest.approx(1.0, abs=1e-6)


def test_one_run_alone_has_no_agreement() -> None:
    curves = found(*planted(betas=(1.0, 4.0), seeds=(0,))).curves
    assert [point.agreement for point in curves[0].points] == [None, None]


def test_only_numbers_that_differ_within_an_objective_make_a_curve() -> None:
    runs = [
        planted_run(1.0, 0),
        planted_run(1.0, 1),
        planted_run(1.0, 2, objective="annealed_vae", hyperparameters={"gamma": 10.0, "c": 5.0}),
        planted_run(1.0, 3, objective="annealed_vae", hyperparameters={"gamma": 10.0, "c": 25.0}),
        planted_run(1.0, 4, objective="factor_vae", hyperparameters={"gamma": 30.0}),
    ]
    assert varying(runs) == [("annealed_vae", "c")]


def test_a_curve_joins_only_runs_that_differ_in_nothing_else() -> None:
    short = {"steps": "100", "network": "burgess"}
    runs = [
        planted_run(beta, seed, name=f"{beta} {seed} {steps}", key=f"{beta} {seed} {steps}",
                    conditions={**short, "steps": steps})
        for beta, steps in [(1.0, "100"), (2.0, "100"), (4.0, "100"), (1.0, "200"), (4.0, "200")]
        for seed in (0, 1)
    ]  # fmt: skip
    _, answers = planted(betas=(1.0, 2.0, 4.0, 1.0, 4.0), seeds=(0, 1))
    findings = found(runs, answers)
    titles = {curve.title: curve for curve in findings.curves}
    assert sorted(titles) == [
        "beta_vae along beta, steps=100",
        "beta_vae along beta, steps=200",
    ]
    for steps, values in (("100", [1.0, 2.0, 4.0]), ("200", [1.0, 4.0])):
        curve = titles[f"beta_vae along beta, steps={steps}"]
        assert curve.joined
        assert [point.value for point in curve.points] == values
        members = [run for point in curve.points for run in point.runs]
        assert {findings.runs[run].conditions["steps"] for run in members} == {steps}


def test_runs_of_a_random_search_come_as_points_without_a_line() -> None:
    runs = [
        planted_run(
            1.0, seed, name=str(seed), hyperparameters={"beta": 1.0 + seed, "c": 9.0 - seed}
        )
        for seed in range(3)
    ]
    _, answers = planted(betas=(1.0,))
    findings = found(runs, answers)
    assert [(curve.parameter, curve.joined) for curve in findings.curves] == [
        ("beta", False),
        ("c", False),
    ]
    assert [point.agreement for point in findings.curves[0].points] == [None] * 3


def test_every_mean_of_a_curve_has_the_interval_of_student(findings: Findings) -> None:
    first = findings.curves[0].points[0]
    distortions = [findings.runs[run].distortion for run in first.runs]
    low, high = scipy.stats.t.interval(
        0.95, 2, loc=np.mean(distortions), scale=scipy.stats.sem(distortions)
    )
    assert first.distortion_interval is not None
    assert first.distortion_interval.low == pytest.approx(low)
    assert first.distortion_interval.high == pytest.approx(high)
    assert first.agreement is not None
    assert first.agreement.low is not None
    table = tables(findings)["curves"]
    assert table["distortion_nats_low"][0] == pytest.approx(low)
