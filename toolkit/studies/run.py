"""A study from its first proposal to its last trial, whatever happens in between.

A proposal is written down before it is evaluated and a trial when it is finished, then Optuna is
told. So a killed study goes on with the same proposals, and an extended one with those a longer
study would have made: batches are asked for whole, and what is not wanted yet stays waiting.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.config.space import Parameters
from toolkit.errors import ToolkitError
from toolkit.files import writing
from toolkit.records import StudyRecord, Trial, read_study
from toolkit.records.names import STUDY
from toolkit.studies.outcomes import Outcome, finished, fresh_record, remove_drafts
from toolkit.studies.projection import Projection, project
from toolkit.studies.samplers import propose
from toolkit.studies.settings import StudySettings

Evaluate = Callable[[Sequence[Parameters]], Iterable[Outcome]]


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A trial came out: `done` of `total` trials are finished."""

    trial: Trial
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something the person who runs the study should know."""

    text: str


def run_study(
    folder: Path,
    *,
    settings: StudySettings,
    storage: str | Path,
    evaluate: Evaluate,
) -> Iterator[Finished | Note]:
    """Bring the study in `folder` to `settings.trials` trials, and yield each as it finishes.

    Arguments:
        folder: holds `study.json`, and nothing else that this function writes.
        storage: a journal file or a database URL for Optuna's copy; may be deleted between runs.
        evaluate: is given proposals, and yields one outcome for each in the same order.

    The caller holds the study's lock (`pipeline.trials` does). Raises a ToolkitError when the
    storage cannot be used, and when `evaluate` yields the wrong number of outcomes or values.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    remove_drafts(folder)
    record, notes = _start(folder, settings)
    yield from [Note(text=text) for text in notes]
    shown = project(settings, record, storage)
    while len(record.trials) < settings.trials:
        if not record.waiting:
            record = replace(record, waiting=tuple(propose(settings, record.trials)))
            if not record.waiting:
                yield Note(
                    text=f"study {settings.name!r} ends after {len(record.trials)} trials, "
                    f"not {settings.trials}: its grid has no further point."
                )
                return
            record.write(folder)
        for after in _batch(record, settings, evaluate, shown, folder):
            record, done = after, len(after.trials)
            yield Finished(trial=after.trials[-1], done=done, total=settings.trials)


def _batch(
    record: StudyRecord,
    settings: StudySettings,
    evaluate: Evaluate,
    shown: Projection,
    folder: Path,
) -> Iterator[StudyRecord]:
    """Evaluate what is waiting and wanted; yield the record after each trial, already on disk."""
    first = len(record.trials)
    batch = record.waiting[: settings.trials - first]
    shown.begin(record, batch)
    outcomes = evaluate(batch)
    try:
        for outcome in outcomes:
            if len(record.trials) == first + len(batch):
                raise ToolkitError(_miscounted(len(batch), "more"))
            record = finished(record, outcome)
            record.write(folder)
            shown.finish(record)
            yield record
    finally:
        if isinstance(outcomes, Generator):
            outcomes.close()
    if len(record.trials) < first + len(batch):
        raise ToolkitError(_miscounted(len(batch), str(len(record.trials) - first)))


def _start(folder: Path, settings: StudySettings) -> tuple[StudyRecord, list[str]]:
    """The record to go on from, and what there is to say about it."""
    fresh = fresh_record(settings)
    if not (folder / STUDY).exists():
        return fresh, []
    record = read_study(folder)
    if record.settings != fresh.settings:
        now, before = settings.record(), record.asked
        names = [name for name in sorted(now) if now[name] != before[name]]
        return fresh, [
            f"study {settings.name!r} starts anew: its {', '.join(names)} changed, and the "
            f"{len(record.trials)} trials on record belong to the old settings. "
            "To have them back, restore params.yaml and run `dvc checkout`."
        ]
    if len(record.trials) > settings.trials:
        return record, [
            f"study {settings.name!r} has {len(record.trials)} trials, more than the "
            f"{settings.trials} asked for; all are kept. Give it another name to start anew."
        ]
    return record, []


def _miscounted(wanted: int, given: str) -> str:
    return (
        f"the evaluation of {wanted} proposals gave {given} outcomes. "
        "Yield exactly one outcome for each proposal, in the order given."
    )
