"""The figures of a report as files, for papers and slides."""

import re
from collections.abc import Iterator
from pathlib import Path

from matplotlib.figure import Figure

from toolkit.figures import to_pdf, to_svg
from toolkit.files import write_bytes, write_text
from toolkit.report.page.pictures import (
    bits_figure,
    curve_figures,
    fragments_figure,
    structure_figure,
    trust_figure,
)
from toolkit.report.page.score_pictures import correlations_figure, score_figures
from toolkit.report.records import Findings


def figures(findings: Findings) -> Iterator[tuple[str, Figure]]:
    """Every figure under its file name without ending; curves are numbered as on the page."""
    yield "bits", bits_figure(findings)
    if len(findings.structure.kept) >= 2:
        yield "structure_nmi", structure_figure(findings, shown="nmi")
        yield "structure_vi", structure_figure(findings, shown="vi")
    yield "trust", trust_figure(findings)
    for number, curve in enumerate(findings.curves, start=1):
        panels = [*curve_figures(findings, curve), *score_figures(findings, curve)]
        for title, figure in panels:
            yield f"curve_{number}_{_file_name(title)}", figure
    for number, tree in enumerate(findings.fragments, start=1):
        yield f"fragments_{number}", fragments_figure(tree)
    matrix = correlations_figure(findings)
    if matrix is not None:
        yield "score_correlations", matrix


def write_figures(folder: Path, findings: Findings) -> None:
    """Write every figure as SVG and PDF, and take away those of an earlier report.

    Equal findings give equal bytes: no file holds a date.
    """
    names = set()
    for name, figure in figures(findings):
        write_text(folder / f"{name}.svg", to_svg(figure))
        write_bytes(folder / f"{name}.pdf", to_pdf(figure))
        names |= {f"{name}.svg", f"{name}.pdf"}
    for path in folder.iterdir():
        if path.name not in names and path.suffix in (".svg", ".pdf"):
            path.unlink()


def _file_name(title: str) -> str:
    """A title without its unit, in letters that every system takes.

    >>> _file_name("sum over channels (bits)"), _file_name("rate (nats)")
    ('sum_over_channels', 'rate')
    """
    words = re.sub(r"\(.*?\)", "", title).lower()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")
