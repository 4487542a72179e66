"""Typed records of everything that is written down, with their JSON form, names and versions."""

from toolkit.records.agreement import Agreement
from toolkit.records.analysis import AnalysisRecord
from toolkit.records.data import DataRecord, Factor
from toolkit.records.ensemble import (
    EnsembleRecord,
    EnsembleSummary,
    EnsembleTrajectoryPoint,
    MeanScores,
    MemberReference,
)
from toolkit.records.member import (
    Channels,
    Failure,
    MemberRecord,
    Owner,
    ProbeReference,
    TrajectoryPoint,
)
from toolkit.records.parts import rounded
from toolkit.records.record import (
    JsonObject,
    Record,
    digest_of_record,
    fields_from_json,
    read_object,
)
from toolkit.records.study import StudyRecord, Target, Trial, read_study
from toolkit.records.trial import TrialRecord
from toolkit.records.versions import ANSWERS

__all__ = [
    "ANSWERS",
    "Agreement",
    "AnalysisRecord",
    "Channels",
    "DataRecord",
    "EnsembleRecord",
    "EnsembleSummary",
    "EnsembleTrajectoryPoint",
    "Factor",
    "Failure",
    "JsonObject",
    "MeanScores",
    "MemberRecord",
    "MemberReference",
    "Owner",
    "ProbeReference",
    "Record",
    "StudyRecord",
    "Target",
    "TrajectoryPoint",
    "Trial",
    "TrialRecord",
    "digest_of_record",
    "fields_from_json",
    "read_object",
    "read_study",
    "rounded",
]
