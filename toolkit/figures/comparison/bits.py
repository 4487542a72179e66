"""What every run tells, in bits: a bar a run, a piece a channel, coloured by hot spot."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes

from toolkit.figures.style import RULE, group_colour

_MANY = 60
_VISIBLE = 0.005
_NARROW = 0.1


def draw_bits(
    bits: Sequence[Float[np.ndarray, " _"]],
    ranks: Sequence[Int[np.ndarray, " _"]],
    names: Sequence[str],
    axes: Axes,
) -> None:
    """A horizontal bar for every run; pieces in the order of the hot spots, then the others.

    Pieces too thin to be seen (under 0.005 bits) are not drawn.

    Arguments:
        bits: for every run the information of its channels.
        ranks: for every run the hot spot of its channels, 1 the first, 0 for none.
        names: for every run what stands beside its bar.
    """
    for row, (told, spots) in enumerate(zip(bits, ranks, strict=True)):
        order = np.lexsort((-told, np.where(spots > 0, spots, np.iinfo(np.int64).max)))
        order = order[told[order] >= _VISIBLE]
        starts = np.cumsum(told[order]) - told[order]
        colours = [group_colour(int(spots[channel])) for channel in order]
        axes.barh(
            np.full(len(order), row),
            told[order],
            left=starts,
            height=0.74,
            color=colours,
            edgecolor="white",
            linewidth=0.6,
        )
    axes.set_xlim(0, max([1.02 * float(told.sum()) for told in bits] + [_NARROW]))
    axes.set_ylim(len(names) - 0.4, -0.6)
    every = -(-len(names) // _MANY)
    axes.set_yticks(range(0, len(names), every), names[::every])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=RULE)
    axes.set_xlabel("information of the channels, added up (bits)")
