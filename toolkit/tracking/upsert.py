"""Bring a run store up to date with the records: every record one run, however often it is done.

A run is open (RUNNING) until everything is in it, so a killed process leaves an open run, which
the next one takes away and makes again.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from typing import Any

from toolkit.tracking.experiments import experiment_for, experiment_ids, literal, pages
from toolkit.tracking.records import TrackedRun
from toolkit.tracking.store import Store
from toolkit.tracking.writing import create, remove

ABANDONED = 3600.0  # seconds after which another project's open run counts as killed
Progress = Callable[[int, int], None]
Group = tuple[str, str]  # experiment, filter


@dataclass(frozen=True, kw_only=True)
class SyncSummary:
    """How many runs were made, were there already, and were taken away as killed or outdated."""

    created: int
    kept: int
    removed: int


def sync(
    store: Store, runs: Iterable[TrackedRun], *, progress: Progress | None = None
) -> SyncSummary:
    """Bring the store up to date: afterwards each of `runs` is there once, whole.

    Arguments:
        store: where to.
        runs: what the records say; two of one digest are one.
        progress: called with (done, all) after each run.

    Raises:
        ToolkitError: a file was changed since its record was written, or the store refuses.
    """
    wanted = {run.digest: run for run in runs}
    groups: dict[Group, list[TrackedRun]] = {}
    for run in wanted.values():
        groups.setdefault((run.experiment, _filter(run)), []).append(run)
    created = done = 0
    with store.writing(), store.plainly():
        removed, source = _remove_open(store), _source_tags(store.root)
        for (name, query), group in groups.items():
            experiment = experiment_for(store, name)
            present, outdated = _compared(store, group, pages(store, [experiment], query))
            removed += _remove_all(store, outdated)
            for run in group:
                if run.digest not in present:
                    create(store, experiment, run, source=source)
                    created += 1
                done += 1
                if progress:
                    progress(done, len(wanted))
            if store.database is None:  # no lock holds other machines back
                _, doubles = _compared(store, group, pages(store, [experiment], query))
                removed += _remove_all(store, doubles)
    return SyncSummary(created=created, kept=len(wanted) - created, removed=removed)


def clean(store: Store) -> int:
    """Take away the runs that a killed process left open; returns how many there were."""
    with store.writing(), store.plainly():
        return _remove_open(store)


def _remove_open(store: Store) -> int:
    query = "attributes.status = 'RUNNING' and tags.`record.schema` LIKE '%/%'"
    now = time.time()
    found = [
        run
        for run in pages(store, experiment_ids(store), query)
        if _ours(store, run) or now - run.info.start_time / 1000 > ABANDONED
    ]
    return _remove_all(store, found)


def _remove_all(store: Store, runs: Iterable[Any]) -> int:
    count = 0
    for run in list(runs):
        remove(store, run)
        count += 1
    return count


def _ours(store: Store, run: Any) -> bool:  # noqa: ANN401 - MLflow's run
    """Whether this project wrote it; in a file under our lock nobody else is writing now."""
    return store.database is not None or run.data.tags.get("record.writer") == store.writer


def _filter(run: TrackedRun) -> str:
    """A selective question that finds the run again: by the tag of what it belongs to."""
    owner = next((tag for tag in ("study", "ensemble", "comparison") if tag in run.tags), "kind")
    return f"tags.`{owner}` = {literal(run.tags[owner])}"


def _compared(
    store: Store, wanted: Sequence[TrackedRun], found: Iterable[Any]
) -> tuple[set[str], list[Any]]:
    """Digests that are there, and runs to take away: doubles, and older ones about the same.

    Of doubles the first by time stays; every machine that asks decides alike.
    """
    status = {run.digest: run.status for run in wanted}
    current = {run.identity: run.digest for run in wanted}
    present: set[str] = set()
    outdated = []
    for run in sorted(found, key=lambda run: (run.info.start_time, run.info.run_id)):
        digest = run.data.tags.get("record.digest")
        if run.info.status == "RUNNING":
            continue
        if digest in status and digest not in present and run.info.status == status[digest]:
            present.add(digest)
        elif digest in status or _replaced(store, run, current):
            outdated.append(run)
    return present, outdated


def _replaced(store: Store, run: Any, current: Mapping[str, str]) -> bool:  # noqa: ANN401
    """Whether a newer record is about the same thing; what others wrote to a server stays."""
    return run.data.tags.get("record.identity") in current and _ours(store, run)


def _source_tags(root: Path) -> dict[str, str]:
    found = {
        "mlflow.source.name": "toolkit sync",
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": _commit(root),
        "mlflow.user": _user(),
        "dvc.stage": os.environ.get("DVC_STAGE"),
        "dvc.experiment": os.environ.get("DVC_EXP_NAME"),
    }
    return {name: value for name, value in found.items() if value}


def _commit(root: Path) -> str | None:
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:  # no git on this machine: the tag is left out
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _user() -> str | None:
    try:
        return getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return None
