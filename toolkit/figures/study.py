"""A study's trials between what they lose and how far their members agree."""

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize

from toolkit.figures.style import DEPTHS, INK, RULE

_WIDE = 6.0


def draw_study(
    distortion: Float[np.ndarray, " t"],
    agreement: Float[np.ndarray, " t"],
    axes: Axes,
    *,
    on_front: Bool[np.ndarray, " t"],
    parameter: Float[np.ndarray, " t"],
    parameter_name: str,
) -> None:
    """Trials as points, coloured by one parameter; those no other trial beats joined by a line.

    Arguments:
        distortion: of every trial, nats per image; less is better.
        agreement: of every trial; more is better.
        axes: where to draw.
        on_front: which trials are on the Pareto front.
        parameter: the value that colours a trial.
        parameter_name: what stands beside the colours.
    """
    front = np.flatnonzero(on_front)
    front = front[np.argsort(distortion[front], kind="stable")]
    axes.step(distortion[front], agreement[front], where="post", color=INK, linewidth=1.0, zorder=1)
    wide = parameter.min() > 0 and parameter.max() / parameter.min() >= _WIDE
    scale = LogNorm if wide else Normalize
    low, high = float(parameter.min()), float(parameter.max())
    shown = axes.scatter(
        distortion,
        agreement,
        c=parameter,
        cmap=DEPTHS,
        norm=scale(low * 0.7 if wide else low - 0.2 * (high - low), high),
        s=np.where(on_front, 58.0, 30.0),
        edgecolors=np.where(on_front, INK, "#ffffff").tolist(),
        linewidths=0.9,
        zorder=2,
    )
    axes.grid(color=RULE)
    axes.set_xlabel("distortion (nats per image, less is better)")
    axes.set_ylabel("agreement across seeds (more is better)")
    bar = axes.figure.colorbar(shown, ax=axes, pad=0.02, fraction=0.04)
    bar.set_label(parameter_name)
    bar.outline.set_visible(False)
