"""A study's trials between two values, such as what they lose and how far their members agree."""

from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize

from toolkit.figures.style import DEPTHS, INK, RULE

_WIDE = 6.0


Direction = Literal["minimise", "maximise"]
BETTER = {"minimise": "less is better", "maximise": "more is better"}
NAMES = ("distortion (nats per image)", "agreement across seeds")
DIRECTIONS: tuple[Direction, Direction] = ("minimise", "maximise")


def draw_study(
    first: Float[np.ndarray, " t"],
    second: Float[np.ndarray, " t"],
    axes: Axes,
    *,
    on_front: Bool[np.ndarray, " t"],
    parameter: Float[np.ndarray, " t"],
    parameter_name: str,
    names: tuple[str, str] = NAMES,
    directions: tuple[Direction, Direction] = DIRECTIONS,
) -> None:
    """Trials as points, coloured by one parameter; those no other trial beats joined by a line.

    Arguments:
        first, second: what the study aims at, of every trial: distortion in nats per image and
            agreement, unless `names` and `directions` say otherwise.
        axes: where to draw.
        on_front: which trials are on the Pareto front.
        parameter: the value that colours a trial.
        parameter_name: what stands beside the colours.
        names: of the two values, with their units.
        directions: which way each of them is good.
    """
    front = np.flatnonzero(on_front)
    front = front[np.argsort(first[front], kind="stable")]
    # beside a trial lies what is worse in the first value and as good in the second
    where: Literal["pre", "post"] = "post" if directions[0] == "minimise" else "pre"
    axes.step(first[front], second[front], where=where, color=INK, linewidth=1.0, zorder=1)
    wide = parameter.min() > 0 and parameter.max() / parameter.min() >= _WIDE
    scale = LogNorm if wide else Normalize
    low, high = float(parameter.min()), float(parameter.max())
    shown = axes.scatter(
        first,
        second,
        c=parameter,
        cmap=DEPTHS,
        norm=scale(low * 0.7 if wide else low - 0.2 * (high - low), high),
        s=np.where(on_front, 58.0, 30.0),
        edgecolors=np.where(on_front, INK, "#ffffff").tolist(),
        linewidths=0.9,
        zorder=2,
    )
    axes.grid(color=RULE)
    axes.set_xlabel(f"{names[0]}, {BETTER[directions[0]]}")
    axes.set_ylabel(f"{names[1]}, {BETTER[directions[1]]}")
    bar = axes.figure.colorbar(shown, ax=axes, pad=0.02, fraction=0.04)
    bar.set_label(parameter_name)
    bar.outline.set_visible(False)
