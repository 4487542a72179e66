"""Numbers against a hyper-parameter, and against the training step."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Num
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from toolkit.figures.style import ACCENT, FAINT, MUTED, RULE

MOST_TICKS = 7  # below a curve
LOG_SCALE_RATIO = 6.0  # of the largest and the smallest value


def draw_curve(
    values: Sequence[float],
    means: Sequence[float],
    axes: Axes,
    *,
    members: Sequence[tuple[float, float]],
    name: str,
    title: str,
    intervals: Sequence[tuple[float, float, float]] = (),
    joined: bool = True,
) -> None:
    """One number against one hyper-parameter: members as points, their means joined by a line.

    Intervals that reach beyond the members are cut at the edge, so that they hide nothing.

    Arguments:
        values: the values of the hyper-parameter, rising.
        means: the mean over the members with that value.
        axes: where to draw.
        members: (value, number) of every member.
        name: of the hyper-parameter, below the axis.
        title: what the number is, with its unit.
        intervals: (value, low, high) where the mean has an interval.
        joined: False leaves the means and their line out, for members that differ otherwise too.
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
    if joined:
        axes.plot(values, means, color=ACCENT, marker="_", markersize=9, markeredgewidth=1.6)
    axes.grid(axis="y", color=RULE)
    axes.set_title(title)
    axes.set_xlabel(name)
    if min(values) > 0 and max(values) / min(values) >= LOG_SCALE_RATIO:
        axes.set_xscale("log")
    # At most so many ticks, the first and the last value among them
    count = min(len(values), MOST_TICKS)
    ticks = np.linspace(0, len(values) - 1, count).round().astype(int)
    axes.xaxis.set_major_locator(FixedLocator([values[index] for index in ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.margins(x=0.08, y=0.14)
    if intervals:
        axes.set_ylim(axes.get_ylim())
        positions, low, high = zip(*intervals, strict=True)
        axes.vlines(positions, low, high, color=ACCENT, linewidth=1.0, alpha=0.7)
    whole = all(float(number).is_integer() for _, number in members) and bool(members)
    if whole and len({number for _, number in members}) == 1:
        axes.set_ylim(members[0][1] - 1, members[0][1] + 1)  # else ticks between whole numbers
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=whole))


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


def draw_training_trajectory(
    steps: Sequence[int],
    bits: Sequence[float],
    agreement: Sequence[float] | None,
    by_chance: Sequence[float],
    axes: Axes,
) -> None:
    """Information and agreement of members while they are trained.

    Arguments:
        steps: training steps, rising.
        bits: mean over members of the sum of bits over channels, left axis.
        agreement: of the members with one another, right axis; None for a single member.
        by_chance: the same of members seen from random axes, NaN where they have none; dotted.
        axes: where to draw.
    """
    axes.plot(steps, bits, color=ACCENT, marker="o", markersize=4, label="bits per member")
    axes.set_xlabel("training step")
    axes.set_ylabel("bits per member", color=ACCENT)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=RULE)
    if agreement is not None:
        right_axes = axes.twinx()
        right_axes.plot(steps, agreement, color=MUTED[0], marker="s", markersize=4, linestyle="--")
        right_axes.plot(steps, by_chance, color=MUTED[0], linestyle=":")
        right_axes.set_ylabel("agreement (dotted: random axes)", color=MUTED[0])
        right_axes.set_ylim(0, 1.02)
        right_axes.spines["right"].set_visible(True)
