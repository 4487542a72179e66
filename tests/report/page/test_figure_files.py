"""Figures as files: each once, in two forms, the same bytes every time."""

import re
from dataclasses import replace
from pathlib import Path

from tests.report.conftest import found, planted
from toolkit.report import Findings, write_figures


def test_every_figure_is_written_as_svg_and_pdf(findings: Findings, tmp_path: Path) -> None:
    write_figures(tmp_path, findings)
    names = {path.name for path in tmp_path.iterdir()}
    stems = {path.stem for path in tmp_path.iterdir()}
    assert {f"{stem}.{end}" for stem in stems for end in ("svg", "pdf")} == names
    curves = {"distortion", "rate", "sum_over_channels", "active_channels", "hot_spots_per_run"}
    curves |= {"agreement_at_this_value", "mig", "jemmig", "unfairness", "mine_value"}
    assert {f"curve_1_{curve}" for curve in curves} <= stems
    assert {"bits", "structure_nmi", "structure_vi", "trust", "score_correlations"} <= stems
    assert (tmp_path / "bits.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (tmp_path / "bits.svg").read_text()


def test_figures_have_no_date_and_equal_findings_give_equal_bytes(
    findings: Findings, tmp_path: Path
) -> None:
    runs, posteriors = planted()
    write_figures(tmp_path / "first", findings)
    write_figures(tmp_path / "second", found(runs[::-1], posteriors[::-1]))
    for path in (tmp_path / "first").iterdir():
        content = path.read_bytes()
        assert content == (tmp_path / "second" / path.name).read_bytes()
        assert not re.search(rb"CreationDate|<dc:date>|/tmp/", content)


def test_figures_of_an_earlier_report_go_and_other_files_stay(
    findings: Findings, tmp_path: Path
) -> None:
    write_figures(tmp_path, findings)
    (tmp_path / "mine.txt").write_text("x")
    write_figures(tmp_path, replace(findings, curves=(), scores=()))
    assert not list(tmp_path.glob("curve_*"))
    assert (tmp_path / "mine.txt").is_file()
