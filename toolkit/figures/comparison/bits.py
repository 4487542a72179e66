"""Bits of every run: one bar per run, one piece per channel, coloured by hot spot."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes

from toolkit.figures.style import RULE, group_colour

MOST_LABELS = 60
LEAST_VISIBLE = 0.005  # bits
LEAST_WIDTH = 0.1  # bits, of the axis


def draw_bits(
    bits: Sequence[Float[np.ndarray, " _"]],
    ranks: Sequence[Int[np.ndarray, " _"]],
    names: Sequence[str],
    axes: Axes,
) -> None:
    """One horizontal bar per run; pieces in the order of the hot spots, then the others.

    Pieces too thin to be seen (under 0.005 bits) are not drawn.

    Arguments:
        bits: for every run the information of its channels.
        ranks: for every run the hot spot of its channels, 1 the first, 0 for none.
        names: labels of the bars.
    """
    for row, (run_bits, spots) in enumerate(zip(bits, ranks, strict=True)):
        order = np.lexsort((-run_bits, np.where(spots > 0, spots, np.iinfo(np.int64).max)))
        order = order[run_bits[order] >= LEAST_VISIBLE]
        starts = np.cumsum(run_bits[order]) - run_bits[order]
        colours = [group_colour(int(spots[channel])) for channel in order]
        axes.barh(
            np.full(len(order), row),
            run_bits[order],
            left=starts,
            height=0.74,
            color=colours,
            edgecolor="white",
            linewidth=0.6,
        )
    axes.set_xlim(0, max([1.02 * float(run_bits.sum()) for run_bits in bits] + [LEAST_WIDTH]))
    axes.set_ylim(len(names) - 0.4, -0.6)
    every = -(-len(names) // MOST_LABELS)
    axes.set_yticks(range(0, len(names), every), names[::every])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=RULE)
    axes.set_xlabel("sum of channel information (bits)")
