"""The record of a study: what was asked for, its finished trials, and the proposals that wait.

It holds no time, host, path or process; trials are numbered in the order of their completion. Two
studies with the same settings have the same bytes, however often they were killed or extended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json
from toolkit.records import versions
from toolkit.records.ensemble import MemberReference
from toolkit.records.names import STUDY
from toolkit.records.parts import Part
from toolkit.records.record import JsonObject, Record, Upgrade
from toolkit.records.versions import ANSWERS, EARLIER

Parameter = bool | int | float | str
Parameters = dict[str, Parameter]


@dataclass(frozen=True, kw_only=True)
class Target(Part):
    """A number that every trial has, and which way is good."""

    name: str
    direction: Literal["minimise", "maximise"]


@dataclass(frozen=True, kw_only=True)
class Trial(Part):
    """A finished trial.

    Arguments:
        number: in the order of completion, from 0.
        state: "complete" or "failed".
        parameters: what was tried.
        values: of each target; None for a failed trial.
        members: one per seed.
        reason: why it failed.
    """

    number: int
    state: Literal["complete", "failed"]
    parameters: dict[str, Parameter]
    values: Mapping[str, float] | None
    members: tuple[MemberReference, ...]
    reason: str | None

    @property
    def complete(self) -> bool:
        """Whether the trial has values."""
        return self.values is not None


def _from_study_1(value: dict[str, object]) -> dict[str, object]:
    """A record of schema study/1: it named no version of answers."""
    return value | {"answers": EARLIER}


@dataclass(frozen=True, kw_only=True)
class StudyRecord(Record):
    """A study as its folder keeps it, in `study.json`.

    Arguments:
        name: as params.yaml calls it.
        space, sampler, evaluation, objectives: what was asked for, as `StudySettings` give it;
            `evaluation` is a digest of what else decides the values of a trial.
        settings: digest of these.
        trials: the finished ones.
        waiting: proposals that were made and are not evaluated yet.
        answers: version of the values of its trials.
    """

    FILE: ClassVar[str] = STUDY
    SCHEMA: ClassVar[str] = versions.STUDY
    REMEDY: ClassVar[str] = (
        "Bring it back with `dvc checkout`, or delete it and run `dvc repro`, which trains no "
        "member of it again."
    )
    UPGRADES: ClassVar[Mapping[str, Upgrade]] = {"study/1": _from_study_1}

    name: str
    space: JsonObject
    sampler: JsonObject
    evaluation: str
    objectives: tuple[Target, ...]
    settings: str
    trials: tuple[Trial, ...]
    waiting: tuple[dict[str, Parameter], ...]
    answers: str

    @property
    def is_current(self) -> bool:
        """Whether its values mean what this version of the toolkit means by them."""
        return self.answers == ANSWERS

    @property
    def asked(self) -> dict[str, object]:
        """What was asked for, as JSON."""
        names = ("name", "space", "sampler", "evaluation", "objectives")
        content = self.to_json()
        return {name: content[name] for name in names}


def read_study(folder: Path) -> StudyRecord:
    """The record of the study in a folder.

    Raises:
        ToolkitError: it is missing, damaged, changed after it was written, or of an unknown schema.
    """
    record = StudyRecord.read(folder)
    if record.settings != digest_of_json(record.asked):
        raise ToolkitError(
            f"{folder / STUDY} was changed after it was written: its settings do not match their "
            f"digest. {StudyRecord.REMEDY}"
        )
    return record
