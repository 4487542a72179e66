"""Blocks as high as their bits, and ribbons between a block and what it comes from."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Rectangle

from toolkit.figures import Block, draw_fragments, group_colour
from toolkit.figures.style import NOBODY

WHOLE = Block(bits=4.0, piece=0, label="whole", parent=None)
PARTS = [
    Block(bits=3.0, piece=0, label="three", parent=(0, 0)),
    Block(bits=1.0, piece=0, label="one", parent=(0, 0)),
    Block(bits=2.0, piece=1, label="new", parent=None),
]


def test_blocks_and_ribbons_say_what_the_numbers_say(axes: Axes) -> None:
    draw_fragments([[WHOLE], PARTS], [0.5, 0.0], [16.0, 1.0], axes, name="beta")
    blocks = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    ribbons = [patch for patch in axes.patches if isinstance(patch, PathPatch)]
    assert [block.get_height() for block in blocks] == [4.0, 0.5, 3.0, 1.0, 2.0, 0.0]
    colours = [to_hex(block.get_facecolor()) for block in blocks]
    first, second = group_colour(1), group_colour(2)
    assert colours == [first, NOBODY, first, first, second, NOBODY]
    # Together the ribbons leave the whole of the parent
    ends = np.array([ribbon.get_path().vertices[[0, 7], 1] for ribbon in ribbons])
    np.testing.assert_allclose(ends, [[0.0, 3.0], [3.0, 4.0]])
    reached = [np.ptp(ribbon.get_path().vertices[3:5, 1]) for ribbon in ribbons]
    assert reached == [3.0, 1.0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["16", "1"]
    written = {text.get_text() for text in axes.texts}
    assert {"whole", "three", "new"} <= written


def test_blocks_too_thin_for_a_label_have_none(axes: Axes) -> None:
    thin = Block(bits=0.01, piece=1, label="thin", parent=None)
    draw_fragments([[WHOLE, thin]], [0.0], [1.0], axes, name="beta")
    assert [text.get_text() for text in axes.texts] == ["whole"]
