"""Disentanglement scores: against a hyper-parameter, and how far they rank the members alike."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from scipy.stats import rankdata

from toolkit.figures.style import DEPTHS, INK, MUTED, RULE, bare

_WIDE = 6.0
_SMALL = 7
_DARK = 0.55


def draw_scores(
    parameter: Float[np.ndarray, " m"],
    scores: Mapping[str, Float[np.ndarray, " m"]],
    axes: Axes,
    *,
    parameter_name: str,
    title: str = "scores",
) -> None:
    """Scores of all members against one hyper-parameter: members as points, means as lines.

    Arguments:
        parameter: value of the hyper-parameter of each member.
        scores: one number a member, by name of the score; NaN where it was refused.
        axes: where to draw.
        parameter_name: below the axis.
        title: above.
    """
    values = np.unique(parameter)
    for place, (name, score) in enumerate(scores.items()):
        colour = MUTED[place % len(MUTED)]
        axes.plot(
            parameter,
            score,
            linestyle="none",
            marker="o",
            markersize=3.5,
            color=colour,
            markeredgewidth=0,
            alpha=0.4,
        )
        known = [score[(parameter == value) & np.isfinite(score)] for value in values]
        at = [value for value, some in zip(values, known, strict=True) if len(some)]
        means = [float(some.mean()) for some in known if len(some)]
        axes.plot(at, means, color=colour, label=name)
    axes.grid(axis="y", color=RULE)
    axes.set_title(title)
    axes.set_xlabel(parameter_name)
    if values[0] > 0 and values[-1] / values[0] >= _WIDE:
        axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(values.tolist()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.margins(x=0.06, y=0.1)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def rank_correlations(scores: Mapping[str, Float[np.ndarray, " m"]]) -> Float[np.ndarray, "s s"]:
    """Spearman's correlation of every two scores over the members that have both.

    NaN where fewer than three members do, or where one of the two never varies.

    >>> up = np.array([1.0, 2.0, 5.0])
    >>> rank_correlations({"a": up, "b": -up}).round(6)
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    columns = list(scores.values())
    return np.array([[_spearman(one, other) for other in columns] for one in columns])


def _spearman(one: Float[np.ndarray, " m"], other: Float[np.ndarray, " m"]) -> float:
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 3 or np.ptp(one[both]) == 0 or np.ptp(other[both]) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(one[both]), rankdata(other[both]))[0, 1])


def draw_rank_correlations(
    correlations: Float[np.ndarray, "s s"], names: Sequence[str], axes: Axes
) -> None:
    """A matrix of correlations, -1 to 1, each with its number in hundredths; blank where unknown.

    Arguments:
        correlations: of every two scores, see `rank_correlations`.
        names: of the scores, in order.
        axes: where to draw.
    """
    axes.imshow(np.abs(correlations), cmap=DEPTHS, vmin=0.0, vmax=1.0)
    bare(axes)
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.set_title("Spearman correlation of scores over members (hundredths; colour: its size)")
    for (row, column), value in np.ndenumerate(correlations):
        if np.isfinite(value):
            axes.text(
                column,
                row,
                f"{100 * value:.0f}",
                ha="center",
                va="center",
                fontsize=_SMALL,
                color="white" if abs(value) > _DARK else INK,
            )
