"""The record of a member: one trained model, with what it knows and what it scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

from toolkit.records import versions
from toolkit.records.names import RECORD, TRAJECTORY_FOLDER
from toolkit.records.parts import Part
from toolkit.records.record import JsonObject, Record, Upgrade
from toolkit.records.versions import ANSWERS, EARLIER


@dataclass(frozen=True, kw_only=True)
class ProbeReference(Part):
    """Which images were shown: the digest of the probe set, and their number."""

    digest: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Failure(Part):
    """After how many updates a member failed, and why."""

    step: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Channels(Part):
    """The channels of a member.

    Arguments:
        information: of each channel, in bits, at least 0.
        rate: of each channel over the held-out split, in nats.
    """

    information: tuple[float, ...] = ()
    rate: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TrajectoryPoint(Part):
    """The information of each channel, in bits, after `step` updates."""

    step: int
    information: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose member it is: an ensemble's, or a trial's of a study; an imported one has no owner."""

    ensemble: str | None = None
    study: str | None = None
    trial: int | None = None


def _from_member_1(value: dict[str, object]) -> dict[str, object]:
    """A record of schema member/1: it named no version, and said "course" for trajectory."""
    files = cast(Mapping[str, str], value["files"])
    upgraded = {name: part for name, part in value.items() if name != "course"}
    empty: dict[str, object] = {
        "scores": {},
        "scores_undefined": {},
        "scoring": None,
        "scoring_together": None,
    }
    return {**empty, **upgraded} | {
        "answers": EARLIER,
        "trajectory": value.get("course", []),
        "files": {
            name.replace("course/", f"{TRAJECTORY_FOLDER}/", 1): digest
            for name, digest in files.items()
        },
    }


@dataclass(frozen=True, kw_only=True)
class MemberRecord(Record):
    """A member as its folder keeps it, in `record.json`; it is written after all its files.

    Arguments:
        key: digest of everything that decides the member.
        name: what tells it from the other members of its owner: "beta=4 seed=0".
        data: name of its data set.
        ensemble, study, trial: its owner; all are none for an imported member.
        settings: everything that decides it, as `MemberSettings` or `ImportedSettings` give it.
        probe: which images it answered.
        status: "finished" or "failed".
        failure: of a failed member.
        final: means over the held-out split by name, in nats: "distortion", "rate", "loss" ...
        channels: what its channels know, and what they cost.
        trajectory: what they knew at the steps at which posteriors were kept.
        files: SHA-256 of each file beside the record, by its name.
        scores: by "SCORE/VALUE".
        scores_undefined: why a score has no value, by its name.
        scoring: digest of the protocol and images of the scores that it has by itself.
        scoring_together: digest of the protocol and members of those that it has among others.
        answers: version of bits and evaluation.
    """

    FILE: ClassVar[str] = RECORD
    SCHEMA: ClassVar[str] = versions.MEMBER
    UPGRADES: ClassVar[Mapping[str, Upgrade]] = {"member/1": _from_member_1}

    key: str
    name: str
    data: str
    ensemble: str | None
    study: str | None
    trial: int | None
    settings: JsonObject
    probe: ProbeReference
    status: Literal["finished", "failed"]
    failure: Failure | None
    final: Mapping[str, float]
    channels: Channels
    trajectory: tuple[TrajectoryPoint, ...]
    files: Mapping[str, str]
    scores: Mapping[str, float]
    scores_undefined: Mapping[str, str]
    scoring: str | None
    scoring_together: str | None
    answers: str

    @property
    def finished(self) -> bool:
        """Whether the member has weights, and did not fail."""
        return self.status == "finished"

    @property
    def has_owner(self) -> bool:
        """Whether an ensemble or a study states its digest; an imported member stands alone."""
        return self.ensemble is not None or self.study is not None

    @property
    def is_current(self) -> bool:
        """Whether its numbers mean what this version of the toolkit means by them."""
        return self.answers == ANSWERS

    @property
    def objective(self) -> JsonObject:
        """Name and settings of its objective."""
        return cast(JsonObject, self.settings["objective"])

    @property
    def objective_name(self) -> str:
        """A name in the table of objectives."""
        return str(self.objective["name"])

    @property
    def seed(self) -> int:
        """Of its training."""
        return cast(int, self.settings["seed"])

    @property
    def data_digest(self) -> str:
        """Digest of the images it was trained on."""
        return str(self.settings["data"])
