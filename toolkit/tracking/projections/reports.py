"""What was found: a comparison of runs, and an analysis that needs none."""

from collections.abc import Mapping
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, digest_of_file, digest_of_json
from toolkit.records import AnalysisRecord, JsonObject
from toolkit.records.names import RUN_LINKS
from toolkit.tracking.records import (
    TrackedRun,
    as_params,
    described,
    hyperparameters,
    identity_of,
    numbers,
)

COMPARISON = "comparison/2"


def project_comparison(
    name: str,
    folder: Path,
    *,
    experiment: str,
    metrics: JsonObject,
    tags: Mapping[str, str],
    settings: JsonObject,
    description: str,
) -> TrackedRun:
    """A finished comparison as a run: every file of its folder, `report.html` first of all.

    `runs.html`, which links to the runs of one store, is left out.

    Arguments:
        name: of the comparison.
        folder: where `report.html`, the tables and the pictures lie.
        experiment: the experiment to keep it in, a data set's name.
        metrics: the numbers of the report, nested as one likes.
        tags: such as the query that chose the runs.
        settings: of the comparison, shown as parameters.
        description: what was found, in Markdown.
    """
    if not (folder / "report.html").is_file():
        raise ToolkitError(
            f"{folder / 'report.html'} is missing, so there is no report to log. "
            "Run `dvc repro` to make it."
        )
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p != folder / RUN_LINKS)
    files = {path.relative_to(folder).as_posix(): path for path in found}
    sums = {place: digest_of_file(path) for place, path in files.items()}
    return TrackedRun(
        kind="comparison",
        name=f"comparison {name}",
        experiment=experiment,
        digest=digest_of_json([COMPARISON, name, sums, settings]),
        identity=identity_of("comparison", name, experiment, tags.get("query")),
        params=as_params(settings),
        metrics=numbers("comparison", metrics),
        tags={
            "kind": "comparison",
            "comparison": name,
            "record.schema": COMPARISON,
            **described(description),
            **tags,
        },
        files=files,
        checksums=sums,
    )


def project_analysis(
    record: AnalysisRecord, folder: Path, *, tags: Mapping[str, str] | None = None
) -> TrackedRun:
    """An analysis as a run, in an experiment of its own name: settings, numbers, figure, tables.

    Arguments:
        record: of the analysis.
        folder: where the files lie that the record names.
        tags: more tags.

    Raises:
        ToolkitError: a file is missing, or a number is not finite.
    """
    return TrackedRun(
        kind="analysis",
        name=record.name,
        experiment=record.name,
        digest=record.digest,
        identity=identity_of("analysis", record.name),
        params=as_params({"analysis": record.analysis, **record.settings}),
        metrics=numbers("analysis", record.metrics) | hyperparameters(record.settings),
        tags={
            "kind": "analysis",
            "record.schema": record.SCHEMA,
            "analysis": record.name,
            "analysis.kind": record.analysis,
            "source": record.source,
            **(tags or {}),
        },
        files={name: folder / name for name in record.files},
        checksums=record.files,
        texts={"analysis/record.json": canonical_json(record.to_json())},
    )
