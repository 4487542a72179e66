"""Runs by their information and how well the other runs confirm it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from toolkit.figures.style import ACCENT, INK, NOBODY, RULE

MOST_LABELS = 40
LEAST_WIDTH = 0.1  # bits, of the axis


def draw_trust(
    bits: Float[np.ndarray, " m"],
    agreement: Float[np.ndarray, " m"],
    names: Sequence[str],
    axes: Axes,
    *,
    best: int,
) -> None:
    """One numbered point per run; the one that agrees best with the others is coloured, on top.

    Arguments:
        bits: sum of the channel information of every run.
        agreement: of every run with the others.
        names: short, written into the points where there are not too many.
        axes: where to draw.
        best: position of the run to mark.
    """
    named = len(names) <= MOST_LABELS
    order = [*(run for run in range(len(names)) if run != best), best]  # the last is on top
    axes.scatter(
        bits[order],
        agreement[order],
        s=150 if named else 36,
        c=[ACCENT if run == best else NOBODY for run in order],
        edgecolors="white",
        zorder=2,
    )
    for run in order:
        if named or run == best:
            axes.annotate(
                names[run],
                (bits[run], agreement[run]),
                ha="center",
                va="center_baseline",
                fontsize=7,
                fontweight="bold",
                color="white" if run == best else INK,
                zorder=3,
            )
    axes.grid(color=RULE)
    axes.margins(y=0.08)
    axes.set_xlim(0, max(1.08 * float(bits.max()), LEAST_WIDTH))
    axes.set_xlabel("sum of channel information (bits)")
    axes.set_ylabel("agreement with the other runs")
