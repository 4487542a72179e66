"""A finished comparison's report as a run, and what it found in the runs it compares."""

import time
from collections.abc import Mapping
from pathlib import Path

from toolkit.records import JsonObject
from toolkit.tracking.experiments import experiment_ids, literal, pages
from toolkit.tracking.projections import project_comparison
from toolkit.tracking.store import Store
from toolkit.tracking.stored import StoredRun
from toolkit.tracking.upsert import sync
from toolkit.tracking.writing import COMPARED


def log_report(
    store: Store,
    experiment: str,
    name: str,
    folder: Path,
    *,
    metrics: JsonObject,
    tags: Mapping[str, str],
    settings: JsonObject,
    description: str,
) -> str:
    """Log the report in `folder` once; the same files again are the same run.

    Arguments:
        store: where to.
        experiment: a data set's name.
        name: of the comparison.
        folder: where `report.html` and all that belongs to it lie.
        metrics: numbers of the report, as in its `metrics.json`.
        tags: such as the query that chose the runs.
        settings: of the comparison.
        description: what was found, in Markdown.

    Returns:
        MLflow's name of the run.

    Raises:
        ToolkitError: there is no `report.html`, a number is not finite, or the store refuses.
    """
    report = project_comparison(
        name,
        folder,
        experiment=experiment,
        metrics=metrics,
        tags=tags,
        settings=settings,
        description=description,
    )
    sync(store, [report])
    query = f"attributes.status = 'FINISHED' and tags.`record.digest` = {literal(report.digest)}"
    with store.translate_errors():
        found = pages(store, experiment_ids(store, experiment), query)
        return min(run.run_id for run in found)


def log_compared(store: Store, name: str, numbers: Mapping[str, Mapping[str, float]]) -> int:
    """Add what a comparison found about each run to that run, as `compared/NAME/...`.

    Numbers that stand there already are not logged again; what another project wrote is never
    changed.

    Arguments:
        store: where the runs are.
        name: of the comparison.
        numbers: by MLflow's name of a run, finite numbers by name.

    Returns:
        How many runs were changed.

    Raises:
        ToolkitError: the store refuses.
    """
    from mlflow.entities import Metric

    changed, now = 0, int(time.time() * 1000)
    with store.writing(), store.translate_errors():
        for run_id, found in numbers.items():
            run = StoredRun.of(store.client.get_run(run_id))
            named = {f"{COMPARED}{name}/{number}": value for number, value in found.items()}
            new = {number: v for number, v in named.items() if run.metrics.get(number) != v}
            if new and store.wrote(run.tags):
                metrics = [Metric(number, value, now, 0) for number, value in new.items()]
                store.client.log_batch(run_id, metrics)
                changed += 1
    return changed
