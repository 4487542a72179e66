"""What comes of a proposal, and how the record of a study takes it up."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.files import DRAFT
from toolkit.records import ANSWERS, MemberReference, StudyRecord, Target, Trial
from toolkit.records.names import STUDY
from toolkit.records.study import Parameters
from toolkit.studies.settings import StudySettings


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What a proposal turned out to be worth: a value for every target, and its members."""

    values: Mapping[str, float]
    members: tuple[MemberReference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A proposal that has no values, and why: recorded, and not tried again."""

    reason: str
    members: tuple[MemberReference, ...] = ()


Outcome = Evaluation | Failure


def fresh_record(settings: StudySettings) -> StudyRecord:
    """The record of a study that has no trial yet."""
    return StudyRecord.from_json(
        {
            "schema": StudyRecord.SCHEMA,
            **settings.record(),
            "settings": settings.digest,
            "trials": [],
            "waiting": [],
            "answers": ANSWERS,
        },
        source=f"study {settings.name!r}",
    )


def finished(
    record: StudyRecord, outcome: Outcome, targets: tuple[Target, ...] | None = None
) -> StudyRecord:
    """The record after the first waiting proposal came out."""
    trial = trial_of(len(record.trials), record.waiting[0], outcome, targets or record.objectives)
    return replace(record, trials=(*record.trials, trial), waiting=record.waiting[1:])


def trial_of(
    number: int, parameters: Parameters, outcome: Outcome, targets: tuple[Target, ...]
) -> Trial:
    """The trial that an outcome makes; one whose values are not finite has failed.

    Raises:
        ToolkitError: the outcome has other values than the targets.
    """
    if isinstance(outcome, Failure):
        return Trial(
            number=number,
            state="failed",
            parameters=parameters,
            values=None,
            members=outcome.members,
            reason=outcome.reason,
        )
    names = [target.name for target in targets]
    if sorted(outcome.values) != sorted(names):
        raise ToolkitError(
            f"trial {number} returned {', '.join(sorted(outcome.values)) or 'nothing'}; "
            f"the study asks for {', '.join(names)}. Return one number for each."
        )
    lost = [
        f"{name} is {outcome.values[name]}"
        for name in names
        if not math.isfinite(outcome.values[name])
    ]
    return Trial(
        number=number,
        state="failed" if lost else "complete",
        parameters=parameters,
        values=None if lost else {name: float(outcome.values[name]) for name in names},
        members=outcome.members,
        reason="; ".join(lost) or None,
    )


def remove_drafts(folder: Path) -> None:
    """Delete what a killed process was writing; only for whoever holds the study's lock."""
    for path in folder.glob(f".{STUDY}.*{DRAFT}"):
        path.unlink(missing_ok=True)
