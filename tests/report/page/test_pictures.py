"""Figures as elements of a page."""

import re

from tests.report.conftest import found, planted
from toolkit.figures.comparison.structure import Similarity
from toolkit.report import Findings
from toolkit.report.page.pictures import curve_figures, inline, shown, structure_figure

SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "a" "b">
<svg xmlns:xlink="c" width="7pt" height="5pt" viewBox="0 0 7 5" xmlns="d" version="1.1">
 <defs>
  <style type="text/css">*{stroke-linejoin: round}</style>
 </defs>
 <g id="figure_1"><g id="matplotlib.axis_2" clip-path="url(#pab12)" style="fill: #22303c"/></g>
 <clipPath id="pab12"/><use xlink:href="#m1"/>
</svg>
"""


def test_an_svg_document_becomes_an_element_with_names_and_colours_of_the_page() -> None:
    element = inline(SVG, name="bits")
    assert element.splitlines()[0].startswith('<svg aria-hidden="true" focusable="false"')
    assert ' viewBox="0 0 7 5"' in element
    assert re.search(r"<!|xmlns|<style|width=|height=|figure_1|axis_2|#22303c", element) is None
    assert 'clip-path="url(#bits-pab12)" style="fill: var(--ink)"' in element
    assert '<clipPath id="bits-pab12"/><use xlink:href="#bits-m1"/>' in element


def test_a_number_nobody_knows_has_no_curve() -> None:
    lone = found(*planted(seeds=(0,)))
    titles = [title for title, _ in curve_figures(lone, lone.curves[0])]
    assert titles == [
        "distortion (nats)",
        "rate (nats)",
        "sum over channels (bits)",
        "active channels",
        "hot spots per run",
    ]


def drawn(findings: Findings, by: Similarity) -> str:
    return str(shown(structure_figure(findings, shown=by), name="x"))


def test_the_structure_names_the_unit_of_its_profile(findings: Findings) -> None:
    assert ">(1 − NMI above</text>" in drawn(findings, "vi")
    assert ">chance)</text>" in drawn(findings, "vi")
    assert ">variation of information (bits)</text>" in drawn(findings, "vi")
    assert ">normalised mutual information</text>" in drawn(findings, "nmi")
