"""Runs by their bits, and by how many of these the other runs confirm."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from toolkit.figures.style import ACCENT, FAINT, INK, NOBODY, RULE

MOST_LABELS = 40
LEAST_WIDTH = 0.1  # bits, of the axis


def draw_trust(
    bits: Float[np.ndarray, " m"],
    confirmed: Float[np.ndarray, " m"],
    names: Sequence[str],
    axes: Axes,
    *,
    best: int | None,
) -> None:
    """One numbered point per run; the one that stands out is coloured, on top.

    Arguments:
        bits: of the active channels of every run.
        confirmed: how many of them the other runs confirm beyond random axes; may be negative.
        names: short, written into the points where there are not too many.
        axes: where to draw.
        best: position of the run to mark; None where no run stands out.
    """
    named = len(names) <= MOST_LABELS
    order = sorted(range(len(names)), key=lambda run: run == best)  # the last is on top
    axes.scatter(
        bits[order],
        confirmed[order],
        s=150 if named else 36,
        c=[ACCENT if run == best else NOBODY for run in order],
        edgecolors="white",
        zorder=2,
    )
    for run in order:
        if named or run == best:
            axes.annotate(
                names[run],
                (bits[run], confirmed[run]),
                ha="center",
                va="center_baseline",
                fontsize=7,
                fontweight="bold",
                color="white" if run == best else INK,
                zorder=3,
            )
    axes.grid(color=RULE)
    axes.axhline(0, color=FAINT, linewidth=0.9, zorder=1)
    axes.margins(y=0.08)
    axes.set_xlim(0, max(1.08 * float(bits.max()), LEAST_WIDTH))
    axes.set_xlabel("bits of the run")
    axes.set_ylabel("bits confirmed beyond random axes")
