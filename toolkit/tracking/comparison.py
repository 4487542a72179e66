"""A finished comparison's report as a run, beside the runs it compares."""

from collections.abc import Mapping
from pathlib import Path

from toolkit.records import JsonObject
from toolkit.tracking.experiments import experiment_ids, literal, pages
from toolkit.tracking.projections import project_comparison
from toolkit.tracking.store import Store
from toolkit.tracking.upsert import sync


def log_report(
    store: Store,
    experiment: str,
    name: str,
    folder: Path,
    *,
    metrics: JsonObject,
    tags: Mapping[str, str],
) -> str:
    """Log the report in `folder` once; the same files again are the same run.

    Arguments:
        store: where to.
        experiment: a data set's name.
        name: of the comparison.
        folder: where `report.html` and all that belongs to it lie.
        metrics: numbers of the report, as in its `metrics.json`.
        tags: such as the query that chose the runs.

    Returns:
        MLflow's name of the run.

    Raises:
        ToolkitError: there is no `report.html`, a number is not finite, or the store refuses.
    """
    report = project_comparison(name, folder, experiment=experiment, metrics=metrics, tags=tags)
    sync(store, [report])
    query = f"attributes.status = 'FINISHED' and tags.`record.digest` = {literal(report.digest)}"
    with store.translate_errors():
        found = pages(store, experiment_ids(store, experiment), query)
        return min(run.run_id for run in found)
