"""Pictures: one file per figure, drawn from finished numbers into an Axes.

Draw inside `quiet()`, save with `to_svg` or `to_png`; nothing is computed while drawing.

>>> from matplotlib.figure import Figure
>>> with quiet():
...     figure = Figure(figsize=(4, 3))
...     draw_curve([1.0, 4.0], [30.0, 40.0], figure.add_subplot(),
...                members=[(1.0, 30.0), (4.0, 40.0)], name="beta", title="distortion (nats)")
>>> to_svg(figure).count("distortion (nats)") > 0
True
"""

from toolkit.figures.comparison import (
    Block,
    draw_bits,
    draw_curve,
    draw_fragments,
    draw_rank_correlations,
    draw_structure,
    draw_training,
    draw_training_trajectory,
    draw_trust,
)
from toolkit.figures.fusion import draw_continuity
from toolkit.figures.images import draw_reconstructions, draw_strip, draw_traversals, strip, tile
from toolkit.figures.saving import picture_to_png, to_pdf, to_png, to_svg
from toolkit.figures.spaces import draw_space, draw_table
from toolkit.figures.style import group_colour, quiet

__all__ = [
    "Block",
    "draw_bits",
    "draw_continuity",
    "draw_curve",
    "draw_fragments",
    "draw_rank_correlations",
    "draw_reconstructions",
    "draw_space",
    "draw_strip",
    "draw_structure",
    "draw_table",
    "draw_training",
    "draw_training_trajectory",
    "draw_traversals",
    "draw_trust",
    "group_colour",
    "picture_to_png",
    "quiet",
    "strip",
    "tile",
    "to_pdf",
    "to_png",
    "to_svg",
]
