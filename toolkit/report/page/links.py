"""The page beside a report that links to MLflow's runs; it differs from machine to machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.report.page.render import templates
from toolkit.report.runs import ComparedRun


@dataclass(frozen=True, kw_only=True)
class StoreLinks:
    """Where one run store shows what a report is about.

    Arguments:
        runs: the address of every run, in the order of the findings; empty where it is unknown.
        report: the address of the run that keeps the report.
        members: the address of the list of runs that the query selects.
        commit: of the project when the report was made; empty where git does not know it.
    """

    runs: tuple[str, ...]
    report: str
    members: str
    commit: str


def render_links(runs: Sequence[ComparedRun], links: StoreLinks, *, title: str) -> str:
    """A page with the commit, and the id and address of every run.

    Arguments:
        runs: in the order of the findings.
        links: into the run store.
        title: of the report.
    """
    rows = list(zip(runs, links.runs, strict=True))
    return templates().get_template("runs.html").render(rows=rows, links=links, title=title)
