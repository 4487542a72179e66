"""How continuous fused spaces are, against the size of the ensemble they come from."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from toolkit.figures.style import FAINT, MUTED, RULE

_APART = 1.06  # factor between the curves, so that error bars do not cover each other


def draw_continuity(
    sizes: Sequence[int],
    continuity: Float[np.ndarray, "s k r"],
    names: Sequence[str],
    axes: Axes,
    *,
    learners: float,
) -> None:
    """Mean over repeats with its standard deviation, on logarithmic axes; 1 is the best value.

    Arguments:
        sizes: of the ensembles, rising.
        continuity: of similarity s, size k and repeat r.
        names: of the similarities.
        axes: where to draw.
        learners: the median of single members, a dashed line.
    """
    for place, (name, colour, values) in enumerate(zip(names, MUTED, continuity, strict=False)):
        middle = values.mean(axis=1)
        deviation = values.std(axis=1)
        below = np.minimum(deviation, middle - 1)  # no value is below 1
        axes.errorbar(
            np.asarray(sizes) * _APART ** (place - (len(names) - 1) / 2),
            middle,
            yerr=np.stack([np.maximum(below, 0), deviation]),
            color=colour,
            marker="dos^v"[place % 5],
            markersize=5,
            elinewidth=2,
            label=name,
        )
    axes.axhline(learners, color=FAINT, linestyle="--", linewidth=1, label="single members")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(FixedLocator(list(sizes)))
    axes.xaxis.set_minor_locator(NullLocator())
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(axis="y", color=RULE)
    axes.set_xlabel("members in the ensemble")
    axes.set_ylabel("largest step / 90th percentile of steps")
    axes.legend()
