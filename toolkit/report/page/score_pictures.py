"""Figures of scores: each against every hyper-parameter that varies, and how they rank the runs."""

from textwrap import fill

import numpy as np
from matplotlib.figure import Figure

from toolkit.figures import draw_curve, draw_rank_correlations, quiet
from toolkit.report.records import Curve, Findings

_CELL = 0.36  # inches
_LABELS = 2.3
_TITLE = 32  # letters in a line above a curve


def score_figures(findings: Findings, curve: Curve) -> list[tuple[str, Figure]]:
    """Label and figure of the main value of every score against one hyper-parameter."""
    number = findings.curves.index(curve)
    main = [score for score in findings.scores if score.main]
    figures = []
    for score in main:
        means = [
            (float(point.value), mean)
            for point, mean in zip(curve.points, score.by_value[number], strict=True)
            if mean is not None
        ]
        if not means:
            continue
        members = [
            (value, run_value)
            for value, mean in means
            for run in mean.runs
            if (run_value := score.values[run]) is not None
        ]
        intervals = [
            (value, mean.interval.low, mean.interval.high)
            for value, mean in means
            if curve.joined and mean.interval
        ]
        with quiet():
            figure = Figure(figsize=(2.6, 2.05), layout="constrained")
            draw_curve(
                [value for value, _ in means],
                [mean.mean for _, mean in means],
                figure.add_subplot(),
                members=members,
                name=curve.parameter,
                title=fill(score.label, _TITLE),
                intervals=intervals,
                joined=curve.joined,
            )
        figures.append((score.label, figure))
    return figures


def correlations_figure(findings: Findings) -> Figure | None:
    """The matrix of rank correlations; nothing where no two numbers could be compared."""
    found = findings.correlations
    table = np.array(found.values, float)
    known = np.isfinite(table).any(axis=1)
    if known.sum() < 2:
        return None
    labels = {score.name: score.label for score in findings.scores}
    names = [
        labels.get(name, name.replace("_", " ").replace("udr", "UDR").replace("nmi", "NMI"))
        for name, shown in zip(found.names, known, strict=True)
        if shown
    ]
    side = _LABELS + _CELL * len(names)
    with quiet():
        figure = Figure(figsize=(side, side * 0.92), layout="constrained")
        draw_rank_correlations(table[np.ix_(known, known)], names, figure.add_subplot())
    return figure
