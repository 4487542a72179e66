"""The record of one trial of a study, with what a reader of it alone needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from toolkit.records.ensemble import MemberReference
from toolkit.records.record import JsonObject, Record


@dataclass(frozen=True, kw_only=True)
class TrialRecord(Record):
    """A trial as the tracking store shows it; the study's own record holds it among the others.

    Arguments:
        study: name of the study.
        number: of the trial, in the order of completion, from 0.
        status: "finished" or "failed".
        objective: of its members, a name in the table of objectives.
        parameters: what was tried.
        values: what it was worth, by goal.
        members: of the trial, one per seed.
        data, data_digest: name of the data set, and digest of the images trained on.
        scores: means over members.
    """

    FILE: ClassVar[str] = "trial.json"
    SCHEMA: ClassVar[str] = "trial/1"

    study: str
    number: int
    status: Literal["finished", "failed"]
    objective: str
    parameters: JsonObject
    values: Mapping[str, float]
    members: tuple[MemberReference, ...]
    data: str
    data_digest: str
    scores: Mapping[str, float]
