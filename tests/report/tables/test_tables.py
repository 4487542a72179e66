"""Tables and metrics: what is in them, what must not be, and that they come out the same."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch

from tests.report.conftest import found, planted, planted_run
from toolkit.files import canonical_json, write_csv
from toolkit.report import Findings, metrics, tables


def test_every_table_is_there(findings: Findings) -> None:
    shapes = {name: table.shape for name, table in tables(findings).items()}
    assert shapes == {
        "runs": (6, 15 + 6 + 4 + 3 + 5),  # agreement, confirmed bits, three rankings, five scores
        "channels": (24, 11 + 4),
        "hot_spots": (2, 12 + 11),
        "hot_spot_factors": (6, 8),
        "curves": (2, 6 + 15 + 9),  # five numbers and three agreements, with their intervals
        "settings": (2, 5),
        "settings_compared": (2, 10),  # bits and agreement of one pair
        "training": (0, 3),  # the planted runs kept no posteriors while they were trained
        "fragments": (2 * (2 + 3), 12),  # at each of two values, two pieces and three factors
        "sizes": (2, 2 + 9 + 4),
        "scores": (15, 10),
        "score_ranks": (6, 4),
        "score_correlations": (11, 12),
        "score_correlation_pairs": (54, 6),
        "nmi": (15, 16),
        "vi": (15, 16),
    }


def test_no_table_says_where_or_when_it_was_made(findings: Findings) -> None:
    text = "".join(table.to_csv() for table in tables(findings).values())
    assert "id-1-0" not in text
    assert "run_id" not in text


def test_run_ids_change_nothing(findings: Findings) -> None:
    runs, answers = planted()
    elsewhere = [
        planted_run(run.hyperparameters["beta"], run.seed, run_id=f"other-{run.seed}")
        for run in runs
    ]
    again = found(elsewhere, answers)
    for name, table in tables(again).items():
        assert table.to_csv() == tables(findings)[name].to_csv()
    assert metrics(again) == metrics(findings)


def test_square_tables_hold_the_comparison_of_the_channels_kept(findings: Findings) -> None:
    for name, matrix in (("nmi", findings.comparison.nmi), ("vi", findings.comparison.vi)):
        table = tables(findings)[name].set_index("channel")
        assert table.index.tolist() == table.columns.tolist()
        assert table.index[3] == "planted/beta=1 seed=1 z1"
        kept = findings.structure.kept
        assert table.iloc[3, 7] == pytest.approx(matrix[kept[3], kept[7]].item(), abs=1e-9)


def test_channels_are_listed_by_run_and_latent(findings: Findings) -> None:
    table = tables(findings)["channels"]
    assert table["latent"].tolist() == list(range(4)) * 6
    assert table["information_bits"].tolist() == pytest.approx(
        findings.comparison.information.tolist(), abs=1e-9
    )
    best = table[table["kept"]].filter(like="nmi_").idxmax(axis=1).str.removeprefix("nmi_")
    assert best.tolist() == table[table["kept"]]["factor"].tolist()


def test_zeros_have_no_sign_and_no_dust(findings: Findings, tmp_path: Path) -> None:
    write_csv(tmp_path / "channels.csv", tables(findings)["channels"])
    text = (tmp_path / "channels.csv").read_text()
    assert "e-1" not in text
    assert ",-0," not in text
    assert len(pd.read_csv(tmp_path / "channels.csv")) == 24


def test_without_factors_hot_spots_or_curves_tables_are_still_whole() -> None:
    runs, answers = planted(betas=(1.0,), seeds=(0, 1))
    order = torch.randperm(96, generator=torch.Generator().manual_seed(0))
    answers[1] = replace(answers[1], mean=answers[1].mean[order])
    made = tables(found(runs, answers))
    assert made["curves"].columns.tolist()[:2] == ["objective", "parameter"]
    assert len(made["curves"]) == 0
    assert len(made["hot_spots"]) == 0


def test_metrics_are_finite_flat_and_few(findings: Findings) -> None:
    numbers = metrics(findings)
    assert all(isinstance(value, str) or math.isfinite(value) for value in numbers.values())
    assert json.loads(canonical_json(numbers)) == numbers
    assert (numbers["runs"], numbers["channels"], numbers["channels_kept"]) == (6, 24, 15)
    assert (numbers["hot_spots"], numbers["hot_spots_in_every_run"]) == (2, 2)
    assert numbers["best_run"] == "planted/beta=4 seed=0"
    assert numbers["mean_distortion_nats"] == 26.0
    agreement = findings.agreement
    assert agreement.corrected is not None
    assert numbers["agreement"] == round(agreement.value, 6)
    assert numbers["corrected_agreement"] == round(agreement.corrected, 6)
    assert numbers["agreement_by_chance_low"] < numbers["agreement_by_chance_high"]
    assert numbers["runs_without_axes"] == 0
    assert (numbers["saturated_channels"], numbers["failed_runs"]) == (0, 0)


def test_metrics_hold_the_mean_of_every_score(findings: Findings) -> None:
    numbers = metrics(findings)
    scores = {name: value for name, value in numbers.items() if name.startswith("scores/")}
    assert scores == {
        "scores/fairness/unfairness": 0.64,
        "scores/jemmig/jemmig_nats": 3.0,
        "scores/jemmig/jemmig_normalised": 0.375,
        "scores/mig/mig": 0.26,
        "scores/mine/value": 1.2,
    }


def test_runs_of_which_nobody_measured_the_distortion_leave_a_gap() -> None:
    runs, answers = planted()
    unmeasured = [replace(run, distortion=None, rate=None) for run in runs[:3]]
    some = found([*unmeasured, *runs[3:]], answers)
    made = tables(some)
    assert made["runs"]["distortion_nats"].isna().tolist() == [True] * 3 + [False] * 3
    assert made["curves"]["distortion_nats"].isna().tolist() == [True, False]
    assert metrics(some)["mean_distortion_nats"] == 41.0
    none = found([replace(run, distortion=None, rate=None) for run in runs], answers)
    assert {"mean_distortion_nats", "mean_rate_nats"}.isdisjoint(metrics(none))


def test_intervals_stand_beside_the_numbers(findings: Findings) -> None:
    channels = tables(findings)["channels"]
    bits, low = channels["information_bits"], channels["information_bits_low"]
    assert (low < channels["information_bits_high"])[channels["kept"]].all()
    assert (bits <= channels["upper_bound_bits"] + 1e-9).all()
    spots = tables(findings)["hot_spots"].dropna(subset="mean_nmi_low")
    assert len(spots) == 1
    assert (spots["mean_nmi_low"] <= spots["mean_nmi_high"]).all()
    runs = tables(findings)["runs"]
    assert (runs["agreement_low"] <= runs["agreement"]).all()
    assert (runs["agreement"] <= runs["agreement_high"]).all()


def test_scores_are_there_over_all_runs_and_for_every_setting(findings: Findings) -> None:
    table = tables(findings)["scores"].set_index(["score", "setting"])
    assert table.loc[("mig/mig", "all runs"), "mean"] == pytest.approx(0.26)
    assert table.loc[("mig/mig", "beta=4"), "mean"] == pytest.approx(0.41)
    assert table.loc[("mine/value", "beta=1"), "runs"] == 2
    assert table.loc[("fairness/unfairness", "all runs"), "good"] == "low"
    assert table.loc[("fairness/unfairness", "all runs"), "best_run"] == "planted/beta=4 seed=2"


def test_without_scores_their_tables_are_empty_and_whole() -> None:
    runs, answers = planted()
    made = tables(found([replace(run, scores={}) for run in runs], answers))
    assert (len(made["scores"]), len(made["score_ranks"])) == (0, 0)
    assert made["score_ranks"].columns.tolist() == ["run"]
    assert made["score_correlations"]["number"].tolist()[-1] == "bits"
