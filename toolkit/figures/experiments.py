"""One figure an experiment: the nine made-up spaces, and fusion against the size of ensembles."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from toolkit.figures.fusion import draw_continuity
from toolkit.figures.spaces import draw_space, draw_table
from toolkit.information import SizeStudy, Space, SyntheticStudy

ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_COLUMNS = 5


def synthetic_figure(study: SyntheticStudy, spaces: Mapping[str, Space]) -> Figure:
    """The nine spaces, the table of every measure on them, and how the measures agree.

    Call inside `quiet()`.

    Arguments:
        study: of `study_synthetic_spaces`.
        spaces: of `synthetic_spaces`, for their pictures.
    """
    count = len(spaces) + 1 + len(study.tables)
    rows = -(-count // _COLUMNS)
    figure = Figure(figsize=(3.2 * _COLUMNS, 3.1 * rows), layout="constrained")
    places = list(figure.subplots(rows, _COLUMNS).flatten())
    for place, numeral, (name, space) in zip(places, ROMAN, spaces.items(), strict=False):
        mean, log_variance = (part.numpy(force=True) for part in space)
        draw_space(mean, log_variance, place, title=f"{numeral}  {name}")
    tables = places[len(spaces) :]
    for place, (name, table) in zip(tables, study.tables.items(), strict=False):
        unit = "" if study.units[name] == "1" else f" ({study.units[name]})"
        values = table.numpy(force=True)
        draw_table(values, ROMAN, place, title=f"{name}{unit}", alike=study.alike[name])
    agreement = study.agreement.numpy(force=True)
    last = tables[len(study.tables)]
    draw_table(agreement, list(study.tables), last, title="rank correlation", alike=1.0)
    for unused in tables[len(study.tables) + 1 :]:
        unused.remove()
    return figure


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
