"""Curves along hyper-parameters, against a table grouped by pandas."""

import pandas as pd
import pytest

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
    assert findings.curves[0].points[0].agreement == pytest.approx(alone.agreement, abs=1e-12)
    assert findings.curves[0].points[1].agreement == pytest.approx(1.0, abs=1e-6)


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
