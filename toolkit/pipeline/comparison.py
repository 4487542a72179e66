"""A comparison: which pieces of information runs have in common, as a report."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from toolkit.config import Comparison, Params
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, write_text
from toolkit.pipeline.hot_spot_pictures import draw_hot_spots
from toolkit.pipeline.progress import Progress
from toolkit.pipeline.selected_runs import choose, factors_of
from toolkit.pipeline.sync import track_all
from toolkit.records.names import RUN_LINKS
from toolkit.report import (
    ComparisonSettings,
    Findings,
    HotSpotPictures,
    StoreLinks,
    compare_runs,
    metrics,
    render,
    render_links,
    write_figures,
    write_latex,
    write_tables,
)
from toolkit.report.page.answers import answer
from toolkit.report.page.wording import count
from toolkit.structure import METHODS
from toolkit.tables import from_json
from toolkit.tracking import (
    commit_of,
    log_compared,
    log_report,
    open_store,
    run_link,
    run_list_link,
)
from toolkit.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A comparison that was made: what was found, from which runs, and where it was written."""

    findings: Findings
    left_out: tuple[str, ...]
    report: Path


def make_comparison(workspace: Workspace, params: Params, name: str) -> None:
    """Compare what params.yaml declares under `comparisons`, and log the report to MLflow."""
    track_all(workspace, params)
    made = compare(
        workspace,
        params,
        params.comparisons[name],
        name=name,
        folder=workspace.report(name),
        how=f"dvc repro comparison@{name}",
    )
    sys.stdout.write(summary(made) + "\n")


def compare(
    workspace: Workspace,
    params: Params,
    section: Comparison,
    *,
    name: str,
    folder: Path,
    how: str,
    outdated: bool = False,
) -> Compared:
    """Select runs, find what they know in common, and write the report into `folder`.

    Arguments:
        section: the query, and how to compare.
        name: of the comparison.
        folder: for report.html, runs.html, tables/, figures/, latex/, curves.csv and metrics.json.
        how: the command that makes this report again.
        outdated: compare also runs of ensembles and studies of this project whose records have been
            replaced since.

    Raises:
        ToolkitError: the query is wrong or selects nothing, runs answered different probe sets, or
            a file cannot be read or written.
    """
    text = _author_s_text(workspace, section)
    store = open_store(workspace.home)
    chosen = choose(workspace, params, store, section.query, outdated=outdated)
    labels, names = factors_of(workspace, params, chosen.posteriors)
    with Progress(f"comparison {name}", 100) as progress:
        findings = compare_runs(
            chosen.runs,
            chosen.posteriors,
            settings=ComparisonSettings(
                threshold_bits=section.threshold_bits,
                method=from_json("method of structure", METHODS, section.method.model_dump()),
                resamples=section.resamples,
                seed=section.seed,
            ),
            labels=labels,
            factor_names=names,
            failed=chosen.failed,
            progress=lambda done, total: progress.reach(0, round(100 * done / max(total, 1))),
        )
    pictures = draw_hot_spots(store, findings)
    page = render(
        findings,
        title=name,
        query=section.query,
        how=how,
        traversals={rank: _strip(found) for rank, found in pictures.items() if found.traversals},
        text=text,
        pictures=pictures,
    )
    numbers = metrics(findings)
    write_tables(folder, findings)
    write_latex(folder / "latex", findings)
    write_figures(folder / "figures", findings)
    write_text(folder / "metrics.json", canonical_json(numbers) + "\n")
    write_text(folder / "report.html", page)
    report_run = log_report(
        store,
        chosen.runs[0].data,
        name,
        folder,
        metrics=numbers,
        tags={"query": section.query},
        settings=section.model_dump(mode="json"),
        description=f"{' '.join(answer(findings).agreed)}\n\nThe artifacts hold `report.html`.",
    )
    results = {
        run.run_id: {
            name: value
            for name, value in {
                "corrected_agreement": run_summary.corrected_agreement,
                "agreement": run_summary.agreement,
                "agreement_by_chance": run_summary.agreement_by_chance,
                "confirmed_bits": findings.recommendation.of(run_summary.run).confirmed_bits,
                "hot_spots": float(run_summary.hot_spots),
            }.items()
            if value is not None
        }
        for run, run_summary in zip(findings.runs, findings.summaries, strict=True)
        if run.run_id is not None
    }
    log_compared(store, name, results)
    links = StoreLinks(
        runs=tuple(run_link(store, run.run_id) if run.run_id else "" for run in findings.runs),
        report=run_link(store, report_run),
        members=run_list_link(store, chosen.runs[0].data, query=section.query),
        commit=commit_of(store, report_run),
    )
    write_text(folder / RUN_LINKS, render_links(findings.runs, links, title=name))
    return Compared(findings=findings, left_out=chosen.replaced, report=folder / "report.html")


def summary(made: Compared) -> str:
    """What was found, and where it lies, in a few lines."""
    findings = made.findings
    corrected, value = findings.agreement.corrected, findings.agreement.value
    agreement = f"agreement {value:.2f}" + (
        ", which says nothing about axes" if corrected is None else f", corrected {corrected:.2f}"
    )
    lines = [
        f"{len(findings.runs)} runs, {len(findings.structure.kept)} of {len(findings.channels)} "
        f"channels informative, {count(len(findings.hot_spots), 'hot spot')}, "
        f"{agreement}: {made.report}"
    ]
    lines += [f"{member.name} is left out: {member.reason}" for member in findings.failed]
    if made.left_out:
        lines.append(
            f"{len(made.left_out)} runs left out, because the project no longer holds their "
            f"records: {', '.join(made.left_out[:3])}{' ...' if len(made.left_out) > 3 else ''}"
        )
    return "\n".join(lines)


def _author_s_text(workspace: Workspace, section: Comparison) -> str | None:
    """The text that the report shows, or None where none is declared."""
    if not section.text:
        return None
    path = workspace.note(section.text)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ToolkitError(
            f"the text of a comparison cannot be read from {path} ({error}). Write it there as "
            "Markdown in UTF-8, or take `text` out of params.yaml."
        ) from error


def _strip(pictures: HotSpotPictures) -> npt.NDArray[np.uint8]:
    """The first row of the first traversal, for the card of a hot spot."""
    images: npt.NDArray[np.uint8] = pictures.traversals[0].images[0]
    return images[:, 0] if images.shape[1] == 1 else images.transpose(0, 2, 3, 1)
