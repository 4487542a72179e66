"""The nine synthetic spaces, and how the measures of whole spaces judge them, in one figure."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from toolkit.analyses.synthetic_spaces.study import SyntheticStudy
from toolkit.figures import draw_space, draw_table
from toolkit.information import Space

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
    panels = list(figure.subplots(rows, _COLUMNS).flatten())
    for panel, numeral, (name, space) in zip(panels, ROMAN, spaces.items(), strict=False):
        mean, log_variance = (part.numpy(force=True) for part in space)
        draw_space(mean, log_variance, panel, title=f"{numeral}  {name}")
    tables = panels[len(spaces) :]
    for panel, (name, table) in zip(tables, study.tables.items(), strict=False):
        unit = "" if study.units[name] == "1" else f" ({study.units[name]})"
        values = table.numpy(force=True)
        draw_table(values, ROMAN, panel, title=f"{name}{unit}", alike=study.alike[name])
    agreement = study.agreement.numpy(force=True)
    last = tables[len(study.tables)]
    draw_table(agreement, list(study.tables), last, title="rank correlation", alike=1.0)
    for unused in tables[len(study.tables) + 1 :]:
        unused.remove()
    return figure
