"""The record of an analysis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from toolkit.records.names import ANALYSIS
from toolkit.records.record import JsonObject, Record


@dataclass(frozen=True, kw_only=True)
class AnalysisRecord(Record):
    """An analysis as its folder keeps it, in `analysis.json`; written after all its files.

    Arguments:
        name: as params.yaml calls it.
        analysis: a name in the table of analyses.
        source: where that was published.
        settings: its settings.
        metrics: its most telling numbers, by name, nested.
        files: SHA-256 of each file beside the record, by its name.
    """

    FILE: ClassVar[str] = ANALYSIS
    SCHEMA: ClassVar[str] = "analysis/1"

    name: str
    analysis: str
    source: str
    settings: JsonObject
    metrics: JsonObject
    files: Mapping[str, str]
