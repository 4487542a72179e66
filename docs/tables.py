"""The tables of the documents that are made from the code: `python -m docs.tables` writes them.

A table stands between `<!-- made by docs/tables.py: NAME -->` and `<!-- end -->`; a test fails
while a page differs from what this module would write.
"""

import math
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from toolkit.data import DATASETS
from toolkit.data.catalogue import factors_text, shape_text
from toolkit.data.source import Source
from toolkit.disentanglement import PRESETS, SCORES, score_settings
from toolkit.report.page.glossary import GLOSSARY

DOCS = Path(__file__).parent
BETWEEN = re.compile(r"(<!-- made by docs/tables\.py: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
GOOD = {"high": "high", "low": "low", "neither": "–"}


def range_text(low: float, high: float) -> str:
    """The range of a score in words.

    >>> range_text(0, 1), range_text(-math.inf, 1), range_text(0, math.inf)
    ('0 to 1', 'at most 1', '0 or more')
    """
    if math.isfinite(low) and math.isfinite(high):
        return f"{low:g} to {high:g}"
    if math.isfinite(low):
        return f"{low:g} or more"
    return f"at most {high:g}" if math.isfinite(high) else "about 0 to 1, not clipped"


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table.

    >>> print(table("a | b", [["1", "2"]]), end="")
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = [f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def data_table() -> str:
    """One row per data set: factors, size, source, licence."""
    return table(
        "data set | factors | image | source | licence",
        (
            [
                f"`{name}`",
                factors_text(source),
                shape_text(source),
                _origin(source),
                source.licence,
            ]
            for name, source in DATASETS.items()
        ),
    )


def _origin(source: Source) -> str:
    if source.procedural:
        return "computed"
    return f"[files]({source.home})" if source.home.startswith("http") else "your own files"


def scores_table() -> str:
    """One row per score: what it measures, unit, range, which end is good, source."""
    return table(
        "name | measures | unit | range | good | source",
        (
            [
                f"`{name}`",
                score.measures,
                score.unit,
                range_text(score.low, score.high),
                GOOD[score.good],
                score.source,
            ]
            for name, score in SCORES.items()
        ),
    )


def presets_table() -> str:
    """One row per published protocol: how many images it draws, and which scores it fixes."""
    return table(
        "preset | images | scores | source",
        (
            [
                f"`{name}`",
                f"{preset.train:,}" + (f" + {preset.test:,}" if preset.test else ""),
                ", ".join(preset.scores),
                preset.source.split(", https")[0],
            ]
            for name, preset in PRESETS.items()
        ),
    )


def glossary_table() -> str:
    """One row per term of the report: meaning, unit, range."""
    return table(
        "term | meaning | unit | range",
        ([term.name, term.meaning, term.unit or "–", term.range or "–"] for term in GLOSSARY),
    )


def options_table() -> str:
    """One row per score that has options: their names and defaults."""
    return table(
        "score | options (default)",
        (
            [f"`{name}`", ", ".join(_option(option, value) for option, value in options.items())]
            for name, options in ((name, score_settings(name).to_json()) for name in SCORES)
            if options
        ),
    )


def _option(name: str, value: object) -> str:
    if value is None:
        return f"`{name}` (none)"
    return f"`{name}` ({str(value).lower() if isinstance(value, bool) else value})"


TABLES: dict[str, Callable[[], str]] = {
    "data": data_table,
    "glossary": glossary_table,
    "scores": scores_table,
    "options": options_table,
    "presets": presets_table,
}


def renewed(page: str) -> str:
    """A page with every table between markers made again."""
    return BETWEEN.sub(lambda found: found[1] + TABLES[found[2]]() + found[4], page)


def pages() -> list[Path]:
    """All pages of the documents that hold a made table."""
    return [path for path in sorted(DOCS.rglob("*.md")) if BETWEEN.search(path.read_text())]


if __name__ == "__main__":
    for path in pages():
        path.write_text(renewed(path.read_text()))
        sys.stdout.write(f"{path.relative_to(DOCS.parent)}\n")
