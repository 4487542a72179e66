"""What a study knows: `study.json`, the truth from which everything else is rebuilt.

It holds no time, host, path or process; trials are numbered in the order of their completion. Two
studies with the same settings have the same bytes, however often they were killed or extended.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.config.space import Parameters
from toolkit.errors import ToolkitError
from toolkit.files import DRAFT, canonical_json, digest_of_json, read_json, write_json
from toolkit.studies.settings import Objective

SCHEMA = "study/1"
FILE = "study.json"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What a proposal turned out to be worth: a value for every objective, and its members."""

    values: Mapping[str, float]
    members: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A proposal that has no values, and why: recorded, and not tried again."""

    reason: str
    members: tuple[Any, ...] = ()


Outcome = Evaluation | Failure


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One finished trial; failed ones have a reason instead of values."""

    number: int
    parameters: Parameters
    values: Mapping[str, float] | None
    members: tuple[Any, ...] = ()
    reason: str | None = None

    @property
    def complete(self) -> bool:
        """Whether the trial has values."""
        return self.values is not None

    def record(self) -> dict[str, Any]:
        """The trial as JSON."""
        return {
            "number": self.number,
            "state": "complete" if self.complete else "failed",
            "parameters": self.parameters,
            "values": None if self.values is None else dict(self.values),
            "members": list(self.members),
            "reason": self.reason,
        }


@dataclass(frozen=True, kw_only=True)
class StudyRecord:
    """A study as it stands: its settings as JSON, finished trials, proposals still waiting."""

    settings: Mapping[str, Any]
    trials: tuple[Trial, ...] = ()
    waiting: tuple[Parameters, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the settings."""
        return digest_of_json(self.settings)

    def finished(self, outcome: Outcome, objectives: tuple[Objective, ...]) -> "StudyRecord":
        """The record after the first waiting proposal came out."""
        trial = _trial(len(self.trials), self.waiting[0], outcome, objectives)
        return replace(self, trials=(*self.trials, trial), waiting=self.waiting[1:])


def _trial(
    number: int, parameters: Parameters, outcome: Outcome, objectives: tuple[Objective, ...]
) -> Trial:
    try:
        canonical_json(outcome.members)
    except (TypeError, ValueError) as error:
        raise ToolkitError(
            f"trial {number} returned members that no record can hold. "
            "Return plain names, text and finite numbers."
        ) from error
    if isinstance(outcome, Failure):
        return Trial(
            number=number,
            parameters=parameters,
            values=None,
            members=outcome.members,
            reason=outcome.reason,
        )
    names = [objective.name for objective in objectives]
    if sorted(outcome.values) != sorted(names):
        raise ToolkitError(
            f"trial {number} returned {', '.join(sorted(outcome.values)) or 'nothing'}; "
            f"the study asks for {', '.join(names)}. Return one number for each."
        )
    lost = [f"{name} is {outcome.values[name]}" for name in names if _lost(outcome.values[name])]
    return Trial(
        number=number,
        parameters=parameters,
        values=None if lost else {name: float(outcome.values[name]) for name in names},
        members=outcome.members,
        reason="; ".join(lost) or None,
    )


def _lost(value: float) -> bool:
    return not math.isfinite(value)


def write_study(folder: Path, record: StudyRecord) -> None:
    """Write `study.json` whole, or leave the one that is there."""
    content = {
        "schema": SCHEMA,
        **record.settings,
        "settings": record.digest,
        "trials": [trial.record() for trial in record.trials],
        "waiting": list(record.waiting),
    }
    write_json(folder / FILE, content)


def read_study(folder: Path) -> StudyRecord:
    """Read `study.json`; refuse one that is missing, damaged, or of another schema."""
    path = folder / FILE
    content = read_json(path, schema=SCHEMA)
    try:
        settings = {
            name: content[name] for name in ("name", "space", "sampler", "evaluation", "objectives")
        }
        trials = tuple(
            Trial(
                number=trial["number"],
                parameters=trial["parameters"],
                values=trial["values"],
                members=tuple(trial["members"]),
                reason=trial["reason"],
            )
            for trial in content["trials"]
        )
        record = StudyRecord(settings=settings, trials=trials, waiting=tuple(content["waiting"]))
    except (KeyError, TypeError) as error:
        raise ToolkitError(
            f"{path} is damaged: it lacks {error}. Delete it and run `dvc repro`."
        ) from error
    if content.get("settings") != record.digest:
        raise ToolkitError(
            f"{path} was changed by hand: its settings do not match their digest. "
            "Bring it back with `dvc checkout`, or delete it and run `dvc repro`."
        )
    return record


def remove_drafts(folder: Path) -> None:
    """Delete what a killed process was writing; only for whoever holds the study's lock."""
    for path in folder.glob(f".{FILE}.*{DRAFT}"):
        path.unlink(missing_ok=True)
