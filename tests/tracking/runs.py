"""Runs of a small project, and what a store says about its runs."""

from pathlib import Path
from typing import Any

from tests.tracking.members import make_ensemble, make_member, make_trial
from toolkit.tracking import (
    Store,
    TrackedRun,
    project_ensemble,
    project_member,
    project_trial,
)


def everything(root: Path, *, members: int = 4) -> list[TrackedRun]:
    made = [make_member(root / "made", beta=1.0 + 3 * (i % 2), seed=i // 2) for i in range(members)]
    runs = [project_member(record, folder) for record, folder in made]
    return [
        *runs,
        project_ensemble(make_ensemble([r for r, _ in made]), Path()),
        project_trial(make_trial()),
    ]


def runs_in(store: Store) -> list[Any]:
    """All runs that are not deleted, by the digest of their record."""
    experiments = [e.experiment_id for e in store.client.search_experiments()]
    found = store.client.search_runs(experiments, max_results=1000)
    return sorted(found, key=lambda run: run.data.tags["record.digest"])


def contents(run: Any) -> tuple[Any, ...]:  # noqa: ANN401 - MLflow's run
    """All that a run says, without what differs from one making of it to the next."""
    return run.info.run_name, run.info.status, run.data.params, run.data.metrics, run.data.tags


def whole(store: Store, count: int) -> bool:
    """Whether every run is there once, and closed."""
    found = runs_in(store)
    digests = {run.data.tags["record.digest"] for run in found}
    closed = all(run.info.status == "FINISHED" for run in found)
    return closed and len(found) == len(digests) == count
