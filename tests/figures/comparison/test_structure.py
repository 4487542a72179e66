"""The structure figure: its panels share one order and show what they were given."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle, StepPatch

from toolkit.figures import draw_structure, group_colour, quiet
from toolkit.figures.comparison.structure import draw_matrix, draw_reachability, spans

RANKS = np.array([2, 2, 2, 0, 1, 1])


def drawn(factor_nmi: np.ndarray | None, names: list[str]) -> Figure:
    with quiet():
        figure = Figure(figsize=(10, 9))
        draw_structure(
            figure,
            matrix=np.eye(6),
            shown="nmi",
            reachability=np.array([np.inf, 0.2, 0.1, 0.9, 0.8, 0.3]),
            reachability_label="reachability",
            ranks=RANKS,
            factor_nmi=factor_nmi,
            factor_names=names,
        )
    return figure


def test_spans_cover_every_channel_of_every_hot_spot() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        ranks = np.repeat(random.integers(0, 4, 12), random.integers(1, 4, 12))
        covered = np.zeros_like(ranks)
        for start, stop, rank in spans(ranks):
            assert set(ranks[start:stop]) == {rank}
            covered[start:stop] = rank
        np.testing.assert_array_equal(covered, ranks)


def test_bars_have_the_height_and_the_colour_of_their_channel(axes: Axes) -> None:
    heights = np.array([0.5, 0.2, 0.1, 0.9, 0.8, 0.3])
    draw_reachability(heights, RANKS, axes, label="reachability")
    steps = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    np.testing.assert_array_equal(np.concatenate([s.get_data().values for s in steps]), heights)
    colours = [to_hex(step.get_facecolor()) for step in steps]
    assert colours == [group_colour(2), group_colour(0), group_colour(1)]
    assert [text.get_text() for text in axes.texts] == ["2", "1"]


@pytest.mark.parametrize("heights", [np.full(3, np.inf), np.zeros(3)], ids=["endless", "none"])
def test_bars_without_a_finite_height_can_be_drawn(heights: np.ndarray, axes: Axes) -> None:
    draw_reachability(heights, np.zeros(3, int), axes, label="reachability")
    assert axes.get_ylim() == (0.0, 1.0)


def test_nmi_is_dark_where_channels_tell_the_same_and_vi_light(axes: Axes) -> None:
    draw_matrix(np.eye(6), RANKS, axes, by="nmi")
    draw_matrix(1 - np.eye(6), RANKS, axes, by="vi")
    nmi, vi = axes.images
    for image in (nmi, vi):
        colours = image.cmap(image.norm(image.get_array()))[..., :3].mean(axis=-1)
        assert colours[0, 0] < 0.15
        assert colours[0, 1] > 0.95


def test_hot_spots_are_framed_on_the_diagonal(axes: Axes) -> None:
    draw_matrix(np.eye(6), RANKS, axes, by="nmi")
    frames = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [(f.get_x(), f.get_y(), f.get_width()) for f in frames] == [
        (-0.5, -0.5, 3),
        (3.5, 3.5, 2),
    ]


def test_very_many_channels_are_drawn_as_means_of_blocks(axes: Axes) -> None:
    matrix = np.random.default_rng(0).uniform(size=(1001, 1001))
    draw_matrix(matrix, np.zeros(1001, int), axes, by="nmi")
    shown = np.asarray(axes.images[0].get_array())
    assert shown.shape == (334, 334)
    assert shown[5, 7] == pytest.approx(matrix[15:18, 21:24].mean())
    assert shown[333, 0] == pytest.approx(matrix[999:, :3].mean())


def test_factors_stand_beside_the_matrix_where_they_are_known() -> None:
    figure = drawn(np.zeros((6, 2)), ["x", "shape"])
    labels = [label.get_text() for axes in figure.axes for label in axes.get_xticklabels()]
    assert {"x", "shape"} <= set(labels)
    assert len(figure.axes) == len(drawn(None, []).axes) + 1


def test_the_order_runs_through_all_panels() -> None:
    figure = drawn(np.zeros((6, 2)), ["x", "shape"])
    figure.draw_without_rendering()
    reachability, brackets, matrix, factors, _ = figure.axes
    assert reachability.get_position().x0 == pytest.approx(matrix.get_position().x0)
    assert reachability.get_position().x1 == pytest.approx(matrix.get_position().x1)
    assert reachability.get_xlim() == matrix.get_xlim()
    for beside in (brackets, factors):
        assert beside.get_position().y0 == pytest.approx(matrix.get_position().y0)
        assert beside.get_ylim() == matrix.get_ylim()
