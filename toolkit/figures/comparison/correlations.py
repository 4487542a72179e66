"""How similarly scores and other numbers rank the runs: a matrix of rank correlations."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from toolkit.figures.style import INK, bare

_SMALL = 7
_DARK = 0.55
_BOTH_WAYS = LinearSegmentedColormap.from_list(
    "both ways", ["#5c1027", "#b04a5f", "#e7c3c8", "#ffffff", "#b4d3da", "#3f86a5", "#243561"]
)


def draw_rank_correlations(
    correlations: Float[np.ndarray, "s s"], names: Sequence[str], axes: Axes
) -> None:
    """A matrix of correlations, -1 (red) to 1 (blue), each with its number; blank where unknown.

    Arguments:
        correlations: of every two numbers; NaN where unknown.
        names: of the numbers, in order.
        axes: where to draw.
    """
    axes.imshow(correlations, cmap=_BOTH_WAYS, vmin=-1.0, vmax=1.0)
    bare(axes)
    axes.set_xticks(range(len(names)), names, rotation=50, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(correlations):
        if np.isfinite(value):
            axes.text(
                column,
                row,
                f"{value:.2f}".replace("-", "−"),
                ha="center",
                va="center",
                fontsize=_SMALL,
                color="white" if abs(value) > _DARK else INK,
            )
