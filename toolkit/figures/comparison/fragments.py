"""How pieces of information fall apart along a hyper-parameter: blocks joined by ribbons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from toolkit.figures.style import INK, NOBODY, group_colour

WIDTH = 0.2  # of a block; columns stand 1 apart
GAP = 0.12  # bits between blocks, at the least
LEAST_LABEL = 0.045  # of the height of the figure, that a label needs


@dataclass(frozen=True, kw_only=True)
class Block:
    """A group of channels at one value.

    Arguments:
        bits: its height, per run.
        piece: number of its piece, from 0, which gives its colour.
        label: written beside it where there is room.
        parent: (column, block) that it comes from, or None.
    """

    bits: float
    piece: int
    label: str
    parent: tuple[int, int] | None


def draw_fragments(
    columns: Sequence[Sequence[Block]],
    unassigned: Sequence[float],
    values: Sequence[float],
    axes: Axes,
    *,
    name: str,
) -> None:
    """Blocks of each value side by side; a ribbon joins each with what it comes from.

    A ribbon leaves its parent on that part of it that is the block's share among its siblings.

    Arguments:
        columns: blocks of every value, from the bottom up.
        unassigned: bits per run in no block, by value; grey, on top.
        values: of the hyper-parameter, one per column.
        axes: where to draw.
        name: of the hyper-parameter.
    """
    total = max(
        sum(block.bits for block in column) + rest
        for column, rest in zip(columns, unassigned, strict=True)
    )
    gap = max(GAP, 0.015 * total)
    bottoms = [
        np.cumsum([0.0, *(block.bits + gap for block in column)]).tolist() for column in columns
    ]
    for at, column in enumerate(columns):
        for place, block in enumerate(column):
            if block.parent is not None:
                _ribbon(columns, bottoms, (at, place), block.parent, axes)
    for at, column in enumerate(columns):
        parts = [(block.bits, group_colour(1 + block.piece), block.label) for block in column]
        parts.append((unassigned[at], NOBODY, "in no group"))
        for bottom, (bits, colour, label) in zip(bottoms[at], parts, strict=True):
            axes.add_patch(
                Rectangle((at - WIDTH / 2, bottom), WIDTH, bits, facecolor=colour, linewidth=0)
            )
            if bits >= LEAST_LABEL * total:
                axes.text(
                    at + WIDTH / 2 + 0.03,
                    bottom + bits / 2,
                    label,
                    va="center",
                    fontsize=7,
                    color=INK,
                )
    axes.set_xlim(-WIDTH, len(columns) - 0.35)
    axes.set_ylim(
        0, max(ends[-1] + rest for ends, rest in zip(bottoms, unassigned, strict=True)) + gap
    )
    axes.set_xticks(range(len(columns)), [f"{value:g}" for value in values])
    axes.set_xlabel(name)
    axes.set_ylabel("bits per run")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _ribbon(
    columns: Sequence[Sequence[Block]],
    bottoms: Sequence[Sequence[float]],
    end: tuple[int, int],
    start: tuple[int, int],
    axes: Axes,
) -> None:
    (at, place), (start_at, start_place) = end, start
    block = columns[at][place]
    siblings = [other for other in columns[at] if other.parent == block.parent]
    whole = sum(other.bits for other in siblings)
    before = sum(other.bits for other in columns[at][:place] if other.parent == block.parent)
    parent = columns[start_at][start_place]
    scale = parent.bits / whole if whole > 0 else 0.0
    low = bottoms[start_at][start_place] + before * scale
    high = low + block.bits * scale
    left, right = start_at + WIDTH / 2, at - WIDTH / 2
    middle = (left + right) / 2
    bottom = bottoms[at][place]
    # Two smooth edges
    points = [
        (left, low), (middle, low), (middle, bottom), (right, bottom),
        (right, bottom + block.bits),
        (middle, bottom + block.bits), (middle, high), (left, high),
        (left, low),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(
            Path(points, codes), facecolor=group_colour(1 + block.piece), alpha=0.3, linewidth=0
        )
    )
