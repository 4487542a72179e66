"""Tables as files: text below the declared size, Parquet above, and never both."""

import html
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.report.page.test_render import page
from toolkit.report import Findings, tables, write_tables
from toolkit.report.tables import write

NEVER_FILLED = ("curves", "training")  # beside the others; without posteriors over the training


def test_few_channels_are_written_as_text(findings: Findings, tmp_path: Path) -> None:
    write_tables(tmp_path, findings)
    names = {path.name for path in (tmp_path / "tables").iterdir()}
    assert names == {f"{name}.csv" for name in tables(findings) if name not in NEVER_FILLED}
    assert (tmp_path / "curves.csv").is_file()
    assert "<code>nmi.csv</code>" in page(findings)


def test_a_table_without_rows_is_no_file_and_an_earlier_one_goes(
    findings: Findings, tmp_path: Path
) -> None:
    write_tables(tmp_path, findings)
    assert (tmp_path / "tables/hot_spots.csv").is_file()
    write_tables(tmp_path, replace(findings, hot_spots=(), scores=()))
    assert not (tmp_path / "tables/hot_spots.csv").exists()
    assert not (tmp_path / "tables/scores.csv").exists()
    assert not (tmp_path / "tables/score_ranks.csv").exists()
    assert (tmp_path / "tables/runs.csv").is_file()


def test_many_channels_are_written_as_parquet_and_the_page_says_so(
    findings: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tables(tmp_path, findings)
    monkeypatch.setattr(write, "TEXT_CHANNELS", 14)
    write_tables(tmp_path, findings)
    names = {path.name for path in (tmp_path / "tables").iterdir()}
    assert {"nmi.parquet", "vi.parquet"} <= names
    assert not {"nmi.csv", "vi.csv"} & names
    for name in ("nmi", "vi"):
        stored = pd.read_parquet(tmp_path / "tables" / f"{name}.parquet")
        expected = tables(findings)[name]
        assert list(stored.columns) == list(expected.columns)
        assert stored["channel"].tolist() == expected["channel"].tolist()
        np.testing.assert_allclose(
            stored.drop(columns="channel"), expected.drop(columns="channel"), rtol=1e-6, atol=1e-7
        )
    assert "<code>nmi.parquet</code>" in html.unescape(page(findings))


def test_parquet_is_the_same_bytes_every_time(
    findings: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "TEXT_CHANNELS", 0)
    for name in ("first", "second"):
        write_tables(tmp_path / name, findings)
    first, second = (tmp_path / name / "tables/nmi.parquet" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
