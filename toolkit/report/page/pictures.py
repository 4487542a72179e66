"""The figures of a report, and how one is set into its page."""

import re
import textwrap
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from toolkit.figures import (
    Block,
    draw_bits,
    draw_curve,
    draw_fragments,
    draw_structure,
    draw_trust,
    quiet,
    to_svg,
)
from toolkit.figures.comparison.structure import Similarity
from toolkit.figures.style import ACCENT, FAINT, INK, MUTED, NOBODY, RULE
from toolkit.report.fragments import FragmentTree
from toolkit.report.intervals import Interval, interval_of
from toolkit.report.page.trust import standing_out
from toolkit.report.records import Curve, CurvePoint, Findings

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_STYLE = re.compile(r"\s*<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_NAMES = re.compile(r' (?:xmlns(?::\w+)?="[^"]*"|id="[a-zA-Z]+[.\w-]*_\d+")')
_REFERENCES = re.compile(r'( id="|url\(#|href="#)')
_SIZE = re.compile(r'(<svg[^>]*?) width="[^"]*"([^>]*)')
_HEIGHT = re.compile(r'(<svg[^>]*?) height="[^"]*"([^>]*)')
_COLOURS = {
    INK: "ink",
    FAINT: "faint",
    RULE: "rule",
    NOBODY: "g0",
    ACCENT: "accent",
    "#ffffff": "paper",
    **{colour: f"g{number}" for number, colour in enumerate(MUTED, start=1)},
}


class Numbers(NamedTuple):
    """One panel of the curves: its title with the unit, its number per run and per value."""

    title: str
    of_run: Callable[[Findings, int], float | None]
    of_point: Callable[[CurvePoint], float | None]
    interval_of_point: Callable[[CurvePoint], Interval | None]


def shown(figure: Figure, *, name: str) -> Markup:
    """A figure as an element of the page."""
    return Markup(inline(to_svg(figure), name=name))


def inline(svg: str, *, name: str) -> str:
    """An SVG document as an element of an HTML page: no prologue, no fixed size.

    Names within it begin with `name`, so that no two figures of a page share one.
    Colours become the page's own, so that it can be light or dark; what Matplotlib puts into a
    style sheet (round joins) is in the page's.
    """
    element = _STYLE.sub("", _PROLOGUE.sub("", svg))
    element = _NAMES.sub("", element)
    element = _HEIGHT.sub(r"\1\2", _SIZE.sub(r"\1\2", element, count=1), count=1)
    element = _REFERENCES.sub(rf"\g<1>{name}-", element)
    for colour, variable in _COLOURS.items():
        element = element.replace(colour, f"var(--{variable})")
    return element.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1).strip()


def bits_figure(findings: Findings) -> Figure:
    """Bits per channel of every run."""
    rows = len(findings.runs)
    ranks: list[list[int]] = [[] for _ in findings.runs]
    for channel in findings.channels:
        ranks[channel.run].append(channel.hot_spot)
    with quiet():
        figure = Figure(figsize=(10, 0.75 + min(0.27 * rows, 14.0)), layout="constrained")
        draw_bits(
            [np.array(summary.bits) for summary in findings.summaries],
            [np.array(spots) for spots in ranks],
            [run.name for run in findings.runs],
            figure.add_subplot(),
        )
    return figure


def structure_figure(findings: Findings, *, shown: Similarity) -> Figure:
    """Reachability, ordered matrix (NMI or VI) and factors of the channels kept."""
    comparison, profile = findings.comparison, findings.structure.profiles[shown]
    order = profile.order
    matrix = comparison.nmi if shown == "nmi" else comparison.vi
    ranks = np.array([findings.channels[position].hot_spot for position in order.tolist()])
    with quiet():
        figure = Figure(figsize=(10, 9.2))
        draw_structure(
            figure,
            matrix=matrix[order][:, order].numpy(force=True),
            shown=shown,
            reachability=profile.reachability.numpy(force=True),
            reachability_label=textwrap.fill(f"reachability ({profile.unit})", 14),
            ranks=ranks,
            factor_nmi=comparison.label_nmi[order].numpy(force=True)
            if findings.factor_names
            else None,
            factor_names=findings.factor_names,
        )
    return figure


def fragments_figure(tree: FragmentTree) -> Figure:
    """Groups of channels at every value, joined to what they come from."""
    columns = [
        [
            Block(
                bits=branch.bits,
                piece=branch.piece,
                label=f"{branch.bits:.1f} bits, {len(branch.members)} of {len(stage.runs)}",
                parent=branch.parent,
            )
            for branch in stage.branches
        ]
        for stage in tree.stages
    ]
    with quiet():
        figure = Figure(figsize=(10, 4.6), layout="constrained")
        draw_fragments(
            columns,
            [stage.unassigned_bits for stage in tree.stages],
            [stage.value for stage in tree.stages],
            figure.add_subplot(),
            name=tree.parameter,
        )
    return figure


def trust_figure(findings: Findings) -> Figure:
    """Every run by its bits, and how many of them the others confirm."""
    found = findings.recommendation
    with quiet():
        figure = Figure(figsize=(5, 3.7), layout="constrained")
        draw_trust(
            np.array([found.of(summary.run).bits for summary in findings.summaries]),
            np.array([found.of(summary.run).confirmed_bits for summary in findings.summaries]),
            [str(summary.run + 1) for summary in findings.summaries],
            figure.add_subplot(),
            best=standing_out(findings),
        )
    return figure


def _agreement(title: str, name: str, ends: str) -> Numbers:
    """The panel of one number of the agreement among runs; `ends` begins the names of its ends."""

    def of_point(point: CurvePoint) -> float | None:
        number: float | None = getattr(point.agreement, name, None)
        return number

    def interval_of_point(point: CurvePoint) -> Interval | None:
        low, high = (f"{ends}_{end}".removeprefix("_") for end in ("low", "high"))
        return interval_of(
            getattr(point.agreement, low, None), getattr(point.agreement, high, None)
        )

    return Numbers(title, lambda f, run: None, of_point, interval_of_point)


CURVES = (
    Numbers(
        "distortion (nats)",
        lambda f, run: f.runs[run].distortion,
        lambda p: p.distortion,
        lambda p: p.distortion_interval,
    ),
    Numbers(
        "rate (nats)",
        lambda f, run: f.runs[run].rate,
        lambda p: p.rate,
        lambda p: p.rate_interval,
    ),
    Numbers(
        "sum over channels (bits)",
        lambda f, run: f.summaries[run].total_bits,
        lambda p: p.total_bits,
        lambda p: p.total_bits_interval,
    ),
    Numbers(
        "active channels",
        lambda f, run: f.summaries[run].active,
        lambda p: p.active,
        lambda p: p.active_interval,
    ),
    _agreement("corrected agreement at this value", "corrected", "corrected"),
    _agreement("agreement at this value", "value", ""),
    _agreement("agreement by chance, and its draws", "by_chance", "chance"),
    Numbers(
        "hot spots per run",
        lambda f, run: f.summaries[run].hot_spots,
        lambda p: p.hot_spots,
        lambda p: p.hot_spots_interval,
    ),
)


def curve_figures(findings: Findings, curve: Curve) -> list[tuple[str, Figure]]:
    """Title and figure of every number against one hyper-parameter; those unknown are left out."""
    figures = []
    for numbers in CURVES:
        means = [(point.value, numbers.of_point(point)) for point in curve.points]
        known = [(float(value), float(mean)) for value, mean in means if mean is not None]
        if not known:
            continue
        members = [
            (float(point.value), float(value))
            for point in curve.points
            for run in point.runs
            if (value := numbers.of_run(findings, run)) is not None
        ]
        intervals = [
            (float(point.value), interval.low, interval.high)
            for point in curve.points
            if curve.joined and (interval := numbers.interval_of_point(point)) is not None
        ]
        with quiet():
            figure = Figure(figsize=(3.3, 2.35), layout="constrained")
            draw_curve(
                [value for value, _ in known],
                [mean for _, mean in known],
                figure.add_subplot(),
                members=members,
                name=curve.parameter,
                title=numbers.title,
                intervals=intervals,
                joined=curve.joined,
            )
        figures.append((numbers.title, figure))
    return figures
