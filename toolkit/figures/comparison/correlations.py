"""How similarly scores and other numbers rank the runs: a matrix of rank correlations."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

_SMALL = 7
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
    import seaborn  # a second to import, which those who draw no matrix need not wait for

    known = np.isfinite(correlations)
    written = np.char.replace(np.char.mod("%.2f", correlations), "-", "−")
    seaborn.heatmap(
        correlations,
        mask=~known,
        annot=written,
        fmt="",
        annot_kws={"size": _SMALL},
        cmap=_BOTH_WAYS,
        vmin=-1.0,
        vmax=1.0,
        cbar=False,
        square=True,
        xticklabels=list(names),
        yticklabels=list(names),
        rasterized=True,
        ax=axes,
    )
    axes.tick_params(length=0)
    axes.set_yticks(axes.get_yticks(), names, rotation=0)
    axes.set_xticks(axes.get_xticks(), names, rotation=50, ha="right", rotation_mode="anchor")
