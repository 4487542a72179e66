"""An analysis: tables, a figure and a page; long work is kept in parts."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from toolkit.analyses import Analysis, Outcome, Parts, Workshop, render_analysis
from toolkit.analyses.analysis import Tell
from toolkit.config import Params, declared_analysis
from toolkit.execution import best
from toolkit.figures import to_png, to_svg
from toolkit.files import (
    canonical_json,
    digest_of_file,
    write_bytes,
    write_csv,
    write_text,
    writing,
)
from toolkit.locks import exclusive
from toolkit.pipeline.progress import Progress
from toolkit.pipeline.sync import ask_store, track_results
from toolkit.records import AnalysisRecord
from toolkit.tracking.records import flattened
from toolkit.workspace import Workspace


def make_analysis(workspace: Workspace, params: Params, name: str) -> None:
    """Do what is missing of an analysis, write what it found, and show it in MLflow."""
    analysis, settings = declared_analysis(params.analyses[name])
    folder = workspace.analysis(name)
    parts = Parts(folder=folder / "parts")
    with exclusive(workspace.lock(f"analysis-{name}"), f"analysis {name}"):
        ask_store(workspace)
        with told(f"analysis {name}") as tell:
            outcome = analysis.run(settings, Workshop(parts=parts, engine=best, tell=tell))
        parts.close()
        record = AnalysisRecord(
            name=name,
            analysis=params.analyses[name].name,
            source=analysis.source,
            settings=asdict(settings),
            metrics=outcome.metrics,
            files={},
        )
        files = _write(folder, record, analysis, outcome)
        replace(record, files=files).write(folder)  # last, because it says that all is here
        tracked = track_results(workspace, params, analyses=[name])
    for sentence in outcome.sentences:
        sys.stdout.write(sentence + "\n")
    sys.stdout.write(f"analysis {name}: {folder / 'report.html'}; {tracked}\n")


@contextmanager
def told(title: str) -> Iterator[Tell]:
    """Progress of one kind of work after the other."""
    shown: dict[str, Progress] = {}
    with ExitStack() as stack:

        def tell(what: str, done: int, total: int) -> None:
            if what not in shown:
                stack.close()
                shown[what] = stack.enter_context(Progress(f"{title}, {what}", total))
            shown[what].reach(0, done)

        yield tell


def _write(
    folder: Path, record: AnalysisRecord, analysis: Analysis, outcome: Outcome
) -> dict[str, str]:
    """All files but the record, and their digests.

    Tables of an earlier declaration go, and its record first.
    """
    with writing(folder):
        for earlier in [folder / AnalysisRecord.FILE, *folder.glob("tables/*")]:
            earlier.unlink(missing_ok=True)
    picture = to_svg(outcome.figure)
    write_text(folder / "figure.svg", picture)
    write_bytes(folder / "figure.png", to_png(outcome.figure))
    for title, table in outcome.tables.items():
        write_csv(folder / "tables" / f"{title}.csv", table)
    write_text(folder / "metrics.json", canonical_json(outcome.metrics) + "\n")
    page = render_analysis(
        analysis,
        outcome,
        title=record.name,
        settings=flattened(record.settings),
        picture=picture,
        how=f"dvc repro analysis@{record.name}",
    )
    write_text(folder / "report.html", page)
    files = ["figure.png", "figure.svg", "metrics.json", "report.html"]
    files += [f"tables/{title}.csv" for title in outcome.tables]
    return {file: digest_of_file(folder / file) for file in files}
