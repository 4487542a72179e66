"""The structure figure: reachability above, channels against channels, and factors beside it.

Layout after Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic
representation spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042: one order of channels for
all panels, so that a hot spot is a valley, a dark square and a stripe at the same position.
"""

import itertools
from collections.abc import Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle

from toolkit.figures.style import DEPTHS, INK, bare, group_colour

Similarity = Literal["nmi", "vi"]
_FINEST = 480


def spans(ranks: Int[np.ndarray, " c"]) -> list[tuple[int, int, int]]:
    """Where each hot spot lies along the order: (start, stop, rank), stop not included.

    >>> import numpy as np
    >>> spans(np.array([2, 2, 0, 1, 1, 1]))
    [(0, 2, 2), (3, 6, 1)]
    """
    return [run for run in _runs(ranks) if run[2]]


def _runs(ranks: Int[np.ndarray, " c"]) -> list[tuple[int, int, int]]:
    """Like `spans`, with the channels between hot spots as rank 0."""
    found, start = [], 0
    for rank, run in itertools.groupby(ranks.tolist()):
        stop = start + len(list(run))
        found.append((start, stop, rank))
        start = stop
    return found


def _coarse(matrix: Float[np.ndarray, "c c"]) -> Float[np.ndarray, "s s"]:
    """Means of equal blocks where there are more channels than a figure can resolve."""
    size = len(matrix)
    if size <= _FINEST:
        return matrix
    starts = np.arange(0, size, -(-size // _FINEST))
    summed = np.add.reduceat(np.add.reduceat(matrix, starts, axis=0), starts, axis=1)
    lengths = np.diff(np.append(starts, size))
    return np.asarray(summed / np.outer(lengths, lengths))


def draw_reachability(
    reachability: Float[np.ndarray, " c"], ranks: Int[np.ndarray, " c"], axes: Axes, *, label: str
) -> None:
    """One bar per channel in order; valleys are hot spots. Infinite bars end at the top."""
    finite = reachability[np.isfinite(reachability)]
    top = 1.08 * float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    shown = np.where(np.isfinite(reachability), reachability, top)
    for start, stop, rank in _runs(ranks):
        edges = np.arange(start, stop + 1) - 0.5
        axes.stairs(shown[start:stop], edges, fill=True, color=group_colour(rank), linewidth=0)
    axes.set_xlim(-0.5, len(shown) - 0.5)
    axes.set_ylim(0, top)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_ylabel(label)
    axes.locator_params(axis="y", nbins=3)
    for start, stop, rank in spans(ranks):
        height = shown[start + 1 : stop].max(initial=0.0) + 0.05 * top
        axes.text(
            (start + stop - 1) / 2,
            min(height, 0.86 * top),
            str(rank),
            ha="center",
            va="bottom",
            fontsize=9,
            fontweight="bold",
        )


def draw_matrix(
    matrix: Float[np.ndarray, "c c"], ranks: Int[np.ndarray, " c"], axes: Axes, *, by: Similarity
) -> None:
    """Every channel with every other in order, dark where they carry the same information.

    NMI is drawn from 0 to 1, VI from 0 (dark) to the 95th percentile; what lies outside takes the
    colour of the nearest end, and the tables hold the number itself.
    """
    top = 1.0 if by == "nmi" else max(float(np.percentile(matrix, 95)), 1e-6)
    colours = DEPTHS if by == "nmi" else DEPTHS.reversed()
    edge = len(matrix) - 0.5
    axes.imshow(
        _coarse(matrix),
        cmap=colours,
        vmin=0.0,
        vmax=top,
        aspect="auto",
        extent=(-0.5, edge, edge, -0.5),
    )
    bare(axes)
    for start, stop, rank in spans(ranks):
        box = Rectangle(
            (start - 0.5, start - 0.5),
            stop - start,
            stop - start,
            fill=False,
            edgecolor=group_colour(rank),
            linewidth=1.6,
        )
        axes.add_patch(box)


def draw_brackets(ranks: Int[np.ndarray, " c"], axes: Axes) -> None:
    """A coloured bar with its number beside the rows of every hot spot."""
    bare(axes)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(ranks) - 0.5, -0.5)
    for start, stop, rank in spans(ranks):
        corner = (0.72, start - 0.5)
        axes.add_patch(Rectangle(corner, 0.2, stop - start, color=group_colour(rank), lw=0))
        axes.text(
            0.52,
            (start + stop - 1) / 2,
            str(rank),
            ha="right",
            va="center",
            fontsize=9,
            fontweight="bold",
        )


def draw_factors(nmi: Float[np.ndarray, "c k"], names: Sequence[str], axes: Axes) -> None:
    """NMI of every channel, in order, with every known factor, from 0 to 1."""
    axes.imshow(nmi, cmap=DEPTHS, vmin=0.0, vmax=1.0, aspect="auto")
    bare(axes)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for boundary in range(1, len(names)):
        axes.axvline(boundary - 0.5, color="white", linewidth=1.2)


def draw_scale(axes: Axes, *, top: float, by: Similarity) -> None:
    """The colours of the matrix with their numbers, for the foot of the figure."""
    ramp = np.linspace(0, 1, 128)[None]
    colours = DEPTHS if by == "nmi" else DEPTHS.reversed()
    axes.imshow(ramp, cmap=colours, aspect="auto", extent=(0.0, top, 0.0, 1.0))
    bare(axes)
    axes.set_xticks([0.0, top / 2, top], [f"{value:.2g}" for value in (0.0, top / 2, top)])
    axes.tick_params(length=0)
    name = "normalised mutual information" if by == "nmi" else "variation of information (bits)"
    axes.set_xlabel(name, fontsize=8, color=INK)


def draw_structure(
    figure: Figure | SubFigure,
    *,
    matrix: Float[np.ndarray, "c c"],
    shown: Similarity,
    reachability: Float[np.ndarray, " c"],
    reachability_label: str,
    ranks: Int[np.ndarray, " c"],
    factor_nmi: Float[np.ndarray, "c k"] | None,
    factor_names: Sequence[str],
) -> None:
    """All panels of the structure figure; every array is already in the order to draw.

    Arguments:
        figure: an empty figure or sub-figure, about 10 by 9 inches.
        matrix: NMI or VI (bits) of every two channels.
        shown: which of the two the matrix holds.
        reachability: of every channel, in the unit of what the order was made from.
        reachability_label: label of its axis.
        ranks: hot spot of every channel, 1 the first, 0 for none.
        factor_nmi: NMI of every channel with every factor; none where factors are unknown.
        factor_names: a name per column of `factor_nmi`.
    """
    wide = 0.0 if factor_nmi is None else max(0.36 * factor_nmi.shape[1], 0.8)
    grid = figure.add_gridspec(
        3,
        3,
        width_ratios=[0.34, 8, max(wide, 0.01)],
        height_ratios=[1.5, 8, 0.12],
        wspace=0.03,
        hspace=0.07,
        left=0.055,
        right=0.995,
        top=0.985,
        bottom=0.06,
    )
    draw_reachability(reachability, ranks, figure.add_subplot(grid[0, 1]), label=reachability_label)
    draw_brackets(ranks, figure.add_subplot(grid[1, 0]))
    draw_matrix(matrix, ranks, figure.add_subplot(grid[1, 1]), by=shown)
    if factor_nmi is not None:
        draw_factors(factor_nmi, factor_names, figure.add_subplot(grid[1, 2]))
    top = 1.0 if shown == "nmi" else max(float(np.percentile(matrix, 95)), 1e-6)
    foot = grid[2, 1].subgridspec(1, 3, width_ratios=[1, 1.1, 1])
    draw_scale(figure.add_subplot(foot[0, 1]), top=top, by=shown)
