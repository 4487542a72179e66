"""An analysis as one page that opens offline: figure, sentences, tables, settings."""

import math
from collections.abc import Mapping

from toolkit.analyses.analysis import Analysis, Outcome


def render_analysis(
    analysis: Analysis,
    outcome: Outcome,
    *,
    title: str,
    settings: Mapping[str, object],
    picture: str,
    how: str,
) -> str:
    """The page as HTML, equal letter for letter for equal outcomes.

    Arguments:
        analysis: the row of the table.
        outcome: what it found.
        title: of the page.
        settings: by name, one level deep or two.
        picture: the figure as SVG.
        how: the command that makes this page again.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("toolkit.analyses", package_path=""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    return environment.get_template("page.html").render(
        title=title,
        analysis=analysis,
        sentences=outcome.sentences,
        picture=Markup(picture[picture.index("<svg") :]),
        tables={  # the head, then the rows
            name: [list(table.columns), *table.astype(object).values.tolist()]
            for name, table in outcome.tables.items()
        },
        settings=settings,
        how=how,
    )


def _number(value: object) -> str:
    """Four significant digits; nothing for what is not defined.

    >>> [_number(value) for value in (1.23456, float("nan"), 12, "nmi")]
    ['1.235', '', '12', 'nmi']
    """
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return str(value)
