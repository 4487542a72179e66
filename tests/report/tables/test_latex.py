"""Tables for LaTeX, and the references as BibTeX."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from toolkit.report import Findings, write_latex
from toolkit.report.references import REFERENCES, bibtex
from toolkit.report.tables.latex import latex_table


def test_letters_that_mean_something_in_latex_are_escaped() -> None:
    text = latex_table(pd.DataFrame({"a_b": ["50 % of $x_1$ & #2 {y} ~z^"]}))
    row = text.splitlines()[4]
    assert row.startswith(r"50 \% of \$x\_1\$ \& \#2 \{y\} ")
    assert not re.search(r"(?<!\\)[%$#_]", row)


def test_tables_with_rows_are_written_and_digests_left_out(
    findings: Findings, tmp_path: Path
) -> None:
    write_latex(tmp_path, findings)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"runs.tex", "hot_spots.tex", "curves.tex", "scores.tex", "references.bib"}
    runs = (tmp_path / "runs.tex").read_text()
    assert "planted/beta=1 seed=0" in runs
    assert "f" * 64 not in runs
    write_latex(tmp_path, replace(findings, hot_spots=(), curves=()))
    assert not (tmp_path / "hot_spots.tex").exists()
    assert not (tmp_path / "curves.tex").exists()


def test_every_reference_has_a_doi_and_a_key_of_its_own() -> None:
    assert len({reference.key for reference in REFERENCES}) == len(REFERENCES)
    for reference in REFERENCES:
        assert re.fullmatch(r"10\.\d{4,5}/\S+", reference.doi)
        assert reference.key.endswith(str(reference.year))
    text = bibtex()
    assert text.count("{") == text.count("}")
    assert text.count("@article") == len(REFERENCES)
