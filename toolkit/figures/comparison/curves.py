"""Numbers against a hyper-parameter, and numbers against the training step."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Num
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from toolkit.figures.style import ACCENT, FAINT, MUTED, RULE

_WIDE = 6.0


def draw_curve(
    values: Sequence[float],
    means: Sequence[float],
    axes: Axes,
    *,
    members: Sequence[tuple[float, float]],
    name: str,
    title: str,
    spans: Sequence[tuple[float, float, float]] = (),
) -> None:
    """One number against one hyper-parameter: members as points, their mean as a line.

    Intervals that reach beyond the members are cut at the edge, so that they hide nothing.

    Arguments:
        values: the values of the hyper-parameter, rising.
        means: the mean over the members with that value.
        axes: where to draw.
        members: (value, number) of every member.
        name: of the hyper-parameter, below the axis.
        title: what the number is, with its unit.
        spans: (value, low, high) where the mean has an interval.
    """
    axes.plot(
        [value for value, _ in members],
        [number for _, number in members],
        linestyle="none",
        marker="o",
        markersize=5,
        markerfacecolor=FAINT,
        markeredgewidth=0,
        alpha=0.55,
    )
    axes.plot(values, means, color=ACCENT, marker="_", markersize=9, markeredgewidth=1.6)
    axes.grid(axis="y", color=RULE)
    axes.set_title(title)
    axes.set_xlabel(name)
    if min(values) > 0 and max(values) / min(values) >= _WIDE:
        axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(_few(values)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.margins(x=0.08, y=0.14)
    if spans:
        axes.set_ylim(axes.get_ylim())
        at, low, high = zip(*spans, strict=True)
        axes.vlines(at, low, high, color=ACCENT, linewidth=1.0, alpha=0.7)
    whole = all(float(number).is_integer() for _, number in members) and bool(members)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=whole))


def _few(values: Sequence[float], most: int = 7) -> list[float]:
    """Not more than `most` of the values, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    picked = np.linspace(0, len(values) - 1, most).round().astype(int)
    return [values[index] for index in picked]


def draw_training(
    steps: Num[np.ndarray, " t"], curves: Mapping[str, Float[np.ndarray, " t"]], axes: Axes
) -> None:
    """Loss and its terms while a member trained, in nats per image, on a logarithmic axis.

    Arguments:
        steps: training steps, rising.
        curves: name of the term to its value at every step; values of 0 or less leave a gap.
        axes: where to draw.
    """
    for colour, (name, curve) in zip(MUTED, curves.items(), strict=False):
        shown = np.where(curve > 0, curve, np.nan)
        axes.plot(steps, shown, color=colour, linewidth=1.3, label=name)
    axes.set_yscale("log")
    axes.grid(axis="y", color=RULE)
    axes.set_xlabel("training step")
    axes.set_ylabel("nats per image")
    axes.margins(x=0.01)
    axes.legend(loc="upper right", ncols=len(curves))


def draw_course(
    steps: Sequence[int],
    bits: Sequence[float],
    agreement: Sequence[float] | None,
    axes: Axes,
) -> None:
    """What members know, and how far they agree on it, while they are trained.

    Arguments:
        steps: training steps, rising.
        bits: mean over members of the bits of all channels, on the left.
        agreement: of the members with one another, on the right; None for one member.
        axes: where to draw.
    """
    axes.plot(steps, bits, color=ACCENT, marker="o", markersize=4, label="bits a member")
    axes.set_xlabel("training step")
    axes.set_ylabel("bits a member", color=ACCENT)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=RULE)
    if agreement is not None:
        other = axes.twinx()
        other.plot(steps, agreement, color=MUTED[0], marker="s", markersize=4, linestyle="--")
        other.set_ylabel("agreement", color=MUTED[0])
        other.set_ylim(0, 1.02)
        other.spines["right"].set_visible(True)
