"""Whole latent spaces as ellipses, and tables of their similarity."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection

from toolkit.figures.style import DEPTHS, FAINT, INK, bare

_DARK = 0.55  # of the scale, from where numbers are written in white


def draw_space(
    mean: Float[np.ndarray, "n d"],
    log_variance: Float[np.ndarray, "n d"],
    axes: Axes,
    *,
    title: str,
    closed: bool = False,
) -> None:
    """Every posterior as an ellipse one deviation wide, coloured by its place in the order.

    A space of one dimension lies on a horizontal line. Of more than two, the first two are drawn.

    Arguments:
        mean: of the posteriors, in order.
        log_variance: natural logarithm, same shape.
        axes: where to draw.
        title: the space's name.
        closed: whether the last point is a neighbour of the first; colours then close as well.
    """
    count = len(mean)
    flat = np.zeros((count, 1))
    centre = np.concatenate([mean, flat], axis=1)[:, :2]
    width = 2 * np.exp(np.concatenate([log_variance, flat], axis=1)[:, :2] / 2)
    colours = matplotlib.colormaps["twilight" if closed else "viridis"](np.arange(count) / count)
    ellipses = EllipseCollection(
        width[:, 0],
        width[:, 1],
        np.zeros(count),
        units="xy",
        offsets=centre,
        offset_transform=axes.transData,
        facecolors=colours,
        edgecolors=INK,
        linewidths=0.3,
        alpha=0.6,
    )
    axes.add_collection(ellipses)
    low, high = (centre - width / 2).min(axis=0), (centre + width / 2).max(axis=0)
    middle, reach = (low + high) / 2, (high - low).max() / 2
    axes.set_xlim(middle[0] - reach, middle[0] + reach)
    axes.set_ylim(middle[1] - reach, middle[1] + reach)
    axes.set_aspect("equal")
    bare(axes)
    axes.set_title(title)


def draw_table(
    values: Float[np.ndarray, "r r"],
    names: Sequence[str],
    axes: Axes,
    *,
    title: str,
    alike: float,
    decimals: int = 1,
) -> None:
    """A symmetric table; the darker, the nearer to the value of two things alike.

    The scale runs from `alike` to the value farthest from it. Undefined entries stay empty.

    Arguments:
        values: the table.
        names: of its rows and columns.
        axes: where to draw.
        title: what the numbers are, with their unit.
        alike: the value of two things alike.
        decimals: of the numbers that are written.
    """
    import seaborn  # a second to import, which those who draw no table need not wait for

    apart = np.abs(values - alike)
    known = ~np.isnan(values)
    farthest = float(apart[known].max()) if known.any() else 0.0
    near = 1 - apart / (farthest or 1.0)
    seaborn.heatmap(
        near,
        mask=~known,
        annot=values,
        fmt=f".{decimals}f",
        annot_kws={"size": 6},
        cmap=DEPTHS,
        vmin=0,
        vmax=1.3,  # the darkest colours would hide the numbers
        cbar=False,
        square=True,
        xticklabels=list(names),
        yticklabels=list(names),
        rasterized=True,
        ax=axes,
    )
    axes.set_yticks(axes.get_yticks(), names, rotation=0, fontsize=7)
    axes.set_xticks(axes.get_xticks(), names, rotation=90, fontsize=7)
    axes.tick_params(length=0, colors=FAINT, labelcolor=INK)
    axes.set_title(title)
