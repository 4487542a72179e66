"""Runs between what they tell and how far the other runs confirm it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from toolkit.figures.style import ACCENT, INK, NOBODY, RULE

_MANY = 40
_NARROW = 0.1


def draw_trust(
    bits: Float[np.ndarray, " m"],
    agreement: Float[np.ndarray, " m"],
    names: Sequence[str],
    axes: Axes,
    *,
    best: int,
) -> None:
    """A numbered point per run; the one that agrees best with the others stands out.

    Arguments:
        bits: information of the channels of every run, added up.
        agreement: of every run with the others.
        names: short, written into the points where there are not too many.
        axes: where to draw.
        best: position of the run to mark.
    """
    named = len(names) <= _MANY
    colours = [ACCENT if run == best else NOBODY for run in range(len(names))]
    axes.scatter(bits, agreement, s=150 if named else 36, c=colours, edgecolors="white", zorder=2)
    for run, name in enumerate(names):
        if named or run == best:
            axes.annotate(
                name,
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
    axes.set_xlim(0, max(1.08 * float(bits.max()), _NARROW))
    axes.set_xlabel("information of the channels, added up (bits)")
    axes.set_ylabel("agreement with the other runs")
