"""Bring a run store up to date with the records: every record one run, however often it is done.

A run is open (RUNNING) until everything is in it, so a killed process leaves an open run, which
the next one takes away and makes again. A run whose record changed keeps its ID wherever MLflow
can take the change, and always the tags and the note that people added.
"""

import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path

from toolkit.tracking.experiments import experiment_for, experiment_ids, literal, pages
from toolkit.tracking.records import TrackedRun
from toolkit.tracking.store import Store
from toolkit.tracking.stored import RUNNING, StoredRun
from toolkit.tracking.writing import can_update, create, lacks_files, log_files, remove, update

Progress = Callable[[int, int], None]
Group = tuple[str, str]  # experiment, filter
SHOWN = 10  # changes in a message


@dataclass(frozen=True, kw_only=True)
class SyncSummary:
    """What a sync did.

    Arguments:
        created: runs that are new.
        kept: runs that were there already.
        removed: runs taken away, because they were left open by a kill or there twice, or because
            a new run of a changed record took their place.
        updated: runs that were there and say now what their changed record says.
        changes: a line per run that was updated or replaced, or whose files came back.
    """

    created: int
    kept: int
    removed: int
    updated: int = 0
    changes: tuple[str, ...] = ()

    def described(self, *, removed: bool = False) -> str:
        """In words, with a line per change.

        Arguments:
            removed: also how many runs were taken away.

        >>> SyncSummary(created=3, kept=2, removed=1).described(removed=True)
        '3 runs new, 2 kept, 1 removed'
        """
        counts = f"{self.created} runs new, {self.kept} kept"
        counts += f", {self.updated} updated" if self.updated else ""
        counts += f", {self.removed} removed" if removed else ""
        more = len(self.changes) - SHOWN
        lines = [counts, *(f"  {change}" for change in self.changes[:SHOWN])]
        return "\n".join(lines + ([f"  and {more} more changes"] if more > 0 else []))


@dataclass(kw_only=True)
class _Work:
    """What is being done to one store."""

    store: Store
    source: dict[str, str]
    created: int = 0
    updated: int = 0
    removed: int = 0
    changes: list[str] = field(default_factory=list)

    def remove(self, runs: Iterable[StoredRun]) -> None:
        for run in runs:
            remove(self.store, run)
            self.removed += 1

    def bring(self, experiment: str, run: TrackedRun, found: "_Found") -> None:
        """Make the store hold `run` once."""
        if present := found.present.get(run.digest):
            if lacks_files(self.store, present, run):
                log_files(self.store, present, run)
                self.updated += 1
                self.changes.append(f"{run.name}: its files were missing and are back")
            return
        earlier = found.earlier.get(run.identity)
        if earlier and can_update(earlier, run):
            update(self.store, earlier, run, tags=self.source)
            self.updated += 1
            self.changes.append(f"{run.name}: {_difference(earlier, run)}")
            return
        tags = self.source
        if earlier:
            tags = {**tags, **earlier.added_tags, "record.replaces": earlier.run_id}
        run_id = create(self.store, experiment, run, tags=tags)
        self.created += 1
        if earlier:
            self.remove([earlier])
            self.changes.append(f"{run.name}: run {earlier.run_id} is now run {run_id}")


@dataclass(frozen=True, kw_only=True)
class _Found:
    """Runs that the store holds already.

    Arguments:
        present: those that are whole and as they should be, by digest.
        earlier: those of this project that a newer record is about, by identity.
        outdated: those of this project that are there twice.
    """

    present: dict[str, StoredRun]
    earlier: dict[str, StoredRun]
    outdated: list[StoredRun]


def sync(
    store: Store, runs: Iterable[TrackedRun], *, progress: Progress | None = None
) -> SyncSummary:
    """Bring the store up to date: afterwards each of `runs` is there once, whole.

    What another project wrote is never changed or taken away.

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
        # A selective query
        owner = next((t for t in ("study", "ensemble", "comparison") if t in run.tags), "kind")
        query = f"tags.`{owner}` = {literal(run.tags[owner])}"
        groups.setdefault((run.experiment, query), []).append(run)
    done = 0
    with store.writing(), store.translate_errors():
        work = _Work(store=store, source=_source_tags(store.root))
        open_runs = f"attributes.status = '{RUNNING}' and tags.`record.schema` LIKE '%/%'"
        found_open = pages(store, experiment_ids(store), open_runs)
        work.remove([run for run in found_open if store.wrote(run.tags)])
        for (name, query), group in groups.items():
            experiment = experiment_for(store, name)
            found = _find(store, group, pages(store, [experiment], query))
            work.remove(found.outdated)
            for run in group:
                work.bring(experiment, run, found)
                done += 1
                if progress:
                    progress(done, len(wanted))
            if store.database is None:  # no lock holds other machines back
                work.remove(_find(store, group, pages(store, [experiment], query)).outdated)
    return SyncSummary(
        created=work.created,
        kept=len(wanted) - work.created - work.updated,
        removed=work.removed,
        updated=work.updated,
        changes=tuple(work.changes),
    )


def _find(store: Store, wanted: Sequence[TrackedRun], stored: Iterable[StoredRun]) -> _Found:
    """What is there of `wanted`. Of doubles the first by time stays; all machines decide alike."""
    status = {run.digest: run.status for run in wanted}
    current = {run.identity for run in wanted}
    found = _Found(present={}, earlier={}, outdated=[])
    for run in sorted(stored, key=lambda run: (run.start, run.run_id)):
        digest, identity = run.digest, run.tags.get("record.identity")
        if run.status == RUNNING:
            continue
        if digest in status and digest not in found.present and run.status == status[digest]:
            found.present[digest] = run
        elif not store.wrote(run.tags):
            continue
        elif digest in status or identity in found.earlier:
            found.outdated.append(run)
        elif identity in current:
            found.earlier[str(identity)] = run
    present = {run.identity for run in wanted if run.digest in found.present}
    for identity in present & found.earlier.keys():
        found.outdated.append(found.earlier.pop(identity))
    return found


def _difference(stored: StoredRun, run: TrackedRun) -> str:
    """What is new in a run that is updated, such as `scores/dci is new`."""
    new = sorted(run.metrics.keys() - stored.metrics.keys())
    changed = sorted(
        n for n in run.metrics.keys() & stored.metrics.keys() if run.metrics[n] != stored.metrics[n]
    )
    parts = [f"{_listed(new)} new"] if new else []
    parts += [f"{_listed(changed)} changed"] if changed else []
    return ", ".join(parts) or "other files or tags"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _source_tags(root: Path) -> dict[str, str]:
    user = None
    with suppress(KeyError, OSError):  # a container whose user has no name
        user = getuser()
    found = {
        "mlflow.source.name": "toolkit sync",
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": _commit(root),
        "mlflow.user": user,
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
