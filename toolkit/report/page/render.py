"""Findings as one page: it opens offline, loads nothing, and explains every number."""

import base64
import math
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.figures.comparison.structure import Similarity
from toolkit.files import canonical_json
from toolkit.report.conditions import conditions_of_runs, numbered
from toolkit.report.findings.curves import varying
from toolkit.report.findings.factors import matched_factors
from toolkit.report.page.answers import answer
from toolkit.report.page.cards import Strip, card, group
from toolkit.report.page.gallery import HotSpotPictures, gallery
from toolkit.report.page.glossary import GLOSSARY, slug
from toolkit.report.page.markdown import markdown
from toolkit.report.page.pictures import (
    bits_figure,
    curve_figures,
    fragments_figure,
    shown,
    structure_figure,
    trust_figure,
)
from toolkit.report.page.score_pictures import correlations_figure, score_figures
from toolkit.report.page.setting_differences import difference_sentences, rows_shown
from toolkit.report.page.trust import standing_out, trust_sentences
from toolkit.report.page.wording import (
    between,
    count,
    heading,
    listed,
    method_in_words,
    number,
    share,
    why_not,
)
from toolkit.report.records import Findings
from toolkit.report.references import REFERENCES
from toolkit.report.tables.write import square_suffix
from toolkit.structure import AGREES, DRAWS

READOUT_CHANNELS = 300  # with more, the cells of the structure figure are too small to point at
SIMILARITIES: tuple[Similarity, ...] = ("nmi", "vi")
SETTING_COLUMNS = 6  # that a table of scores has room for


def render(
    findings: Findings,
    *,
    title: str,
    query: str,
    how: str,
    traversals: Mapping[int, Strip],
    text: str | None = None,
    pictures: Mapping[int, HotSpotPictures] | None = None,
) -> str:
    """The report as HTML, equal letter for letter for equal findings.

    Arguments:
        findings: of `compare_runs`.
        title: of the page.
        query: that selected the runs.
        how: the command that makes this report again.
        traversals: for the rank of a hot spot, its central channel decoded from low to high
            (steps, h, w) in grey or (steps, h, w, 3) in colour. Those missing are not shown.
        text: the author's own, in Markdown, shown after the summary; HTML within it is shown as
            text.
        pictures: for the rank of a hot spot, what its channels draw and tell apart.

    Raises:
        ToolkitError: a traversal or picture is of a hot spot that does not exist.
    """
    named = {*traversals, *(pictures or {})}
    unknown = sorted(named - {spot.rank for spot in findings.hot_spots})
    if unknown:
        raise ToolkitError(
            f"traversals were given for hot spots {listed([str(rank) for rank in unknown])}, but "
            f"{count(len(findings.hot_spots), 'hot spot')} were found. "
            "Name them by their rank, from 1."
        )
    groups = (*findings.hot_spots, *findings.candidates)
    different = sorted({name for _, name in varying(findings.runs)})
    every = sorted({name for run in findings.runs for name in run.hyperparameters})
    structure = []
    if len(findings.structure.kept) >= 2:
        structure = [
            (by, shown(structure_figure(findings, shown=by), name=f"structure-{by}"))
            for by in SIMILARITIES
        ]
    return (
        templates()
        .get_template("report.html")
        .render(
            findings=findings,
            title=title,
            query=query,
            how=how,
            answers=answer(findings),
            conditions=conditions_of_runs(findings.runs),
            text=None if text is None else markdown(text),
            settings=different or every,
            cards=[card(findings, spot, traversals.get(spot.rank)) for spot in findings.hot_spots],
            gallery=gallery(pictures or {}),
            bits=shown(bits_figure(findings), name="bits"),
            structure=structure,
            curves=[
                (curve, _panels(curve_figures(findings, curve), name=f"curve-{number}"))
                for number, curve in enumerate(findings.curves)
            ],
            difference_sentences=difference_sentences(findings),
            difference_rows=rows_shown(findings),
            fragments=[
                (tree, shown(fragments_figure(tree), name=f"fragments-{position}"))
                for position, tree in enumerate(findings.fragments)
            ],
            trust=shown(trust_figure(findings), name="trust"),
            trust_sentences=trust_sentences(findings),
            stands_out=standing_out(findings),
            scores=_scores(findings),
            kinds=sorted({kind for run in findings.summaries for kind in run.udr}),
            readout=_readout(findings),
            kept=[channel for channel in findings.channels if channel.kept],
            saturation=math.log2(findings.images),
            agrees=AGREES,
            matched=matched_factors(findings.hot_spots),
            null=bool(groups) and groups[0].by_chance is not None,
            draws=DRAWS,
            method=method_in_words(findings.structure.method),
            glossary=GLOSSARY,
            references=REFERENCES,
            square_suffix=square_suffix(findings),
        )
    )


@cache
def templates() -> Environment:
    """The templates of all pages, with what they share."""
    loader = PackageLoader("toolkit.report.page", package_path="")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=number,
        heading=heading,
        group=group,
        between=between,
        listed=listed,
        numbered=numbered,
        share=share,
        why_not=why_not,
        slug=slug,
    )
    environment.globals.update(
        count=count,
        style=Markup(loader.get_source(environment, "report.css")[0]),
        script=Markup(loader.get_source(environment, "report.js")[0]),
    )
    return environment


def _panels(figures: Sequence[tuple[str, Figure]], *, name: str) -> list[tuple[str, Markup]]:
    """The panels of one curve as elements of the page, with their titles."""
    return [
        (title, shown(figure, name=f"{name}-{position}"))
        for position, (title, figure) in enumerate(figures)
    ]


def _scores(findings: Findings) -> dict[str, object]:
    """Everything about scores: rows, columns, and figures."""
    labels = [setting.label for setting in findings.settings]
    matrix = correlations_figure(findings)
    return {
        "main": [score for score in findings.scores if score.main or score.beside],
        "others": [score for score in findings.scores if not (score.main or score.beside)],
        "ranked": [score for score in findings.scores if score.ranked],
        "labels": labels if 1 < len(labels) <= SETTING_COLUMNS else [],
        "curves": [
            (curve, _panels(score_figures(findings, curve), name=f"score-{number}"))
            for number, curve in enumerate(findings.curves if findings.scores else ())
        ],
        "matrix": None if matrix is None else shown(matrix, name="correlations"),
        "pairs": findings.correlations.pairs,
    }


def _readout(findings: Findings) -> Markup | None:
    """Names, NMI and VI of the channels for the readout under the pointer; None for too many.

    NMI and VI in hundredths, 16-bit little-endian, rows one after the other.
    """
    order = findings.structure.order
    if not 2 <= len(order) <= READOUT_CHANNELS:
        return None

    def packed(matrix: Tensor) -> str:
        hundredths = matrix[order][:, order].numpy(force=True) * 100
        return base64.b64encode(np.rint(hundredths).astype("<i2").tobytes()).decode()

    names = [
        f"run {channel.run + 1} · z{channel.latent} · {number(channel.bits)} bits"
        for channel in (findings.channels[position] for position in order.tolist())
    ]
    comparison = findings.comparison
    content = {"channels": names, "nmi": packed(comparison.nmi), "vi": packed(comparison.vi)}
    return Markup(canonical_json(content))
