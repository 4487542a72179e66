"""Continuity of fused spaces against the size of the ensemble, in one figure."""

from matplotlib.figure import Figure

from toolkit.figures import draw_continuity, draw_space
from toolkit.information import SizeStudy


def fusion_figure(study: SizeStudy) -> Figure:
    """Continuity against the size of the ensemble, and fused spaces of the first repeat.

    Call inside `quiet()`.

    Arguments:
        study: of `study_sizes`; of more than two dimensions the first two are drawn.
    """
    rows = len(study.similarities)
    figure = Figure(figsize=(12, 2.6 * rows), layout="constrained")
    grid = figure.add_gridspec(rows, 4)
    draw_continuity(
        study.sizes,
        study.continuity.numpy(force=True),
        study.similarities,
        figure.add_subplot(grid[:, :2]),
        learners=study.learners.median().item(),
    )
    for row, name in enumerate(study.similarities):
        for column, size in ((0, 0), (1, len(study.sizes) - 1)):
            draw_space(
                study.mean[row, size, 0].numpy(force=True),
                study.log_variance[row, size, 0].numpy(force=True),
                figure.add_subplot(grid[row, 2 + column]),
                title=f"{name}, {study.sizes[size]} members",
                closed=True,
            )
    return figure
