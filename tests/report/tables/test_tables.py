"""Tables and metrics: what is in them, what must not be, and that they come out the same."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from tests.report.conftest import found, planted, planted_run
from toolkit.files import canonical_json, write_csv
from toolkit.report import Findings, metrics, tables


def test_every_table_is_there(findings: Findings) -> None:
    shapes = {name: table.shape for name, table in tables(findings).items()}
    assert shapes == {
        "runs": (6, 15),
        "channels": (24, 11),
        "hot_spots": (2, 10),
        "curves": (2, 10),
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
    made = tables(found(runs, answers))
    assert made["curves"].columns.tolist()[:3] == ["objective", "parameter", "value"]
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
    assert numbers["agreement"] == round(findings.agreement, 6)
