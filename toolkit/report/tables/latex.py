"""The tables of a report that fit a page of a paper, for LaTeX with booktabs."""

from pathlib import Path

import pandas as pd

from toolkit.files import write_text
from toolkit.report.records import Findings
from toolkit.report.references import bibtex
from toolkit.report.tables.tables import tables

PRINTED = ("runs", "hot_spots", "curves", "scores")
_LONG = ("key", "record")  # digests, which no printed table has room for


def latex_table(table: pd.DataFrame) -> str:
    """A table as a `tabular`: special letters escaped, three significant digits, -- for nothing.

    >>> print(latex_table(pd.DataFrame({"mean_bits": [1.23456], "factor": ["a_b & c"]})))
    \\begin{tabular}{rl}
    \\toprule
    mean\\_bits & factor \\\\
    \\midrule
    1.23 & a\\_b \\& c \\\\
    \\bottomrule
    \\end{tabular}
    <BLANKLINE>
    """
    shown = table.drop(columns=[name for name in _LONG if name in table])
    return str(shown.to_latex(index=False, escape=True, na_rep="--", float_format="%.3g"))


def write_latex(folder: Path, findings: Findings) -> None:
    """Write the tables that have rows, and the references, and take away those without."""
    found = tables(findings)
    for name in PRINTED:
        if found[name].empty:
            (folder / f"{name}.tex").unlink(missing_ok=True)
        else:
            write_text(folder / f"{name}.tex", latex_table(found[name]))
    write_text(folder / "references.bib", bibtex())
