"""The record of an ensemble: which members it has, and what they have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

from toolkit.records import versions
from toolkit.records.agreement import Agreement
from toolkit.records.member import MemberRecord, ProbeReference
from toolkit.records.names import ENSEMBLE
from toolkit.records.parts import Part
from toolkit.records.record import JsonObject, Record, Upgrade
from toolkit.records.versions import ANSWERS, EARLIER


@dataclass(frozen=True, kw_only=True)
class MemberReference(Part):
    """A member as its owner knows it: name, key, status, and the digest of its record."""

    name: str
    key: str
    record: str
    status: Literal["finished", "failed"] = "finished"

    @classmethod
    def to(cls, record: MemberRecord) -> "MemberReference":
        """The reference to a member."""
        return cls(name=record.name, key=record.key, record=record.digest, status=record.status)


@dataclass(frozen=True, kw_only=True)
class MeanScores(Part):
    """The mean of each score over the members that have it, and why others lack it."""

    scores: Mapping[str, float]
    scores_undefined: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class EnsembleSummary(Part):
    """Numbers of a whole ensemble; means are over the members that did not fail.

    Arguments:
        members, failed: how many there are, and how many of them failed.
        distortion, rate: means over the held-out split, in nats.
        information: mean over members of the bits of all channels.
        active: mean number of channels above the threshold.
        agreement: of the members with one another, beside random axes; None for one member.
    """

    members: int
    failed: int
    distortion: float
    rate: float
    information: float
    active: float
    agreement: Agreement | None = None


@dataclass(frozen=True, kw_only=True)
class EnsembleTrajectoryPoint(Part):
    """After `step` updates: mean bits per member, and agreement (None for one member)."""

    step: int
    information: float
    agreement: Agreement | None = None


def _from_ensemble_1(value: dict[str, object]) -> dict[str, object]:
    """A record of schema ensemble/1: it named no version, and said "course" for trajectory."""
    upgraded = {name: part for name, part in value.items() if name != "course"}
    files = cast(Mapping[str, str], value.get("files", {}))
    empty: dict[str, object] = {
        "protocol": None,
        "scores": {},
        "scores_undefined": {},
        "points": {},
    }
    return _from_ensemble_2(
        {**empty, **upgraded}
        | {
            "answers": EARLIER,
            "trajectory": value.get("course", []),
            "files": {name.replace("course.", "trajectory.", 1): d for name, d in files.items()},
        }
    )


def _from_ensemble_2(value: dict[str, object]) -> dict[str, object]:
    """A record of schema ensemble/2: its agreement was a plain number, of all finished members."""
    summary = cast(Mapping[str, object], value["summary"])
    members = cast(int, summary["members"]) - cast(int, summary["failed"])

    def beside_chance(part: Mapping[str, object]) -> dict[str, object]:
        number = part.get("agreement")
        known = None if number is None else {"value": number, "members": members}
        return {**part, "agreement": known}

    trajectory = cast(Sequence[Mapping[str, object]], value["trajectory"])
    return {
        **value,
        "summary": beside_chance(summary),
        "trajectory": [beside_chance(point) for point in trajectory],
    }


@dataclass(frozen=True, kw_only=True)
class EnsembleRecord(Record):
    """An ensemble as its folder keeps it, in `ensemble.json`.

    Arguments:
        name: as params.yaml calls it.
        data: name of its data set.
        data_digest: of the images its members were trained on.
        probe: which images they answered.
        objective: a name in the table of objectives.
        settings: its declaration, without data set and scores.
        members: in declared order.
        summary: numbers of the whole ensemble.
        trajectory: at the steps at which posteriors were kept.
        files: SHA-256 of each file beside the record, by its name.
        protocol: of its scores.
        scores, scores_undefined: means over all members, and why a score is lacking.
        points: the same for each point of the grid, over its seeds.
        answers: version of bits, agreement and evaluation.
    """

    FILE: ClassVar[str] = ENSEMBLE
    SCHEMA: ClassVar[str] = versions.ENSEMBLE
    UPGRADES: ClassVar[Mapping[str, Upgrade]] = {
        "ensemble/1": _from_ensemble_1,
        "ensemble/2": _from_ensemble_2,
    }

    name: str
    data: str
    data_digest: str
    probe: ProbeReference
    objective: str
    settings: JsonObject
    members: tuple[MemberReference, ...]
    summary: EnsembleSummary
    trajectory: tuple[EnsembleTrajectoryPoint, ...]
    files: Mapping[str, str]
    protocol: JsonObject | None
    scores: Mapping[str, float]
    scores_undefined: Mapping[str, str]
    points: Mapping[str, MeanScores]
    answers: str

    @property
    def is_current(self) -> bool:
        """Whether its numbers mean what this version of the toolkit means by them."""
        return self.answers == ANSWERS
