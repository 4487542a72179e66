"""What a score is, what it promises, and what it answers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Flag, auto
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from toolkit.disentanglement.settings import ScoreSettings
from toolkit.errors import ToolkitError
from toolkit.records import JsonObject, fields_from_json

Array = npt.NDArray[Any]
Good = Literal["high", "low", "neither"]


@dataclass(frozen=True, kw_only=True)
class ScoreResultForm:
    """The result of a score in JSON: arrays of numbers or truth values as lists."""

    values: Mapping[str, float]
    per_factor: Mapping[str, tuple[object, ...]]
    per_channel: Mapping[str, tuple[object, ...]]
    matrices: Mapping[str, tuple[object, ...]]
    factors: tuple[int, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreResult:
    """The named values of one score on one member, with the detail they were averaged from.

    Arguments:
        values: every number by name; finite.
        per_factor: arrays (k,), one entry for each of `factors`.
        per_channel: arrays (d,), one entry for each channel (or member, of scores of several).
        matrices: arrays (d, k) or, between channels or members, square.
        factors: which columns of the factors were scored; those of one value are left out.
        notes: sentences about choices that the data forced.

    Raises:
        ToolkitError: a number is not finite.
    """

    values: Mapping[str, float]
    per_factor: Mapping[str, Array] = field(default_factory=dict)
    per_channel: Mapping[str, Array] = field(default_factory=dict)
    matrices: Mapping[str, Array] = field(default_factory=dict)
    factors: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            if not math.isfinite(value):
                raise ToolkitError(
                    f"the value {name!r} of a score came out as {value}: these codes leave it "
                    "undefined. Look for channels that are constant, equal or very large."
                )
        for name, array in {**self.per_factor, **self.per_channel, **self.matrices}.items():
            if not np.isfinite(array).all():
                raise ToolkitError(
                    f"the detail {name!r} of a score holds numbers that are not finite: these "
                    "codes leave it undefined. Look for channels that are constant or very large."
                )

    def to_json(self) -> dict[str, object]:
        """The same as plain numbers, lists and text; `from_json` reads it back.

        >>> ScoreResult(values={"mig": 0.5}, factors=(0,)).to_json()["values"]
        {'mig': 0.5}
        """
        return {
            "values": {name: float(value) for name, value in sorted(self.values.items())},
            "per_factor": _lists(self.per_factor),
            "per_channel": _lists(self.per_channel),
            "matrices": _lists(self.matrices),
            "factors": list(self.factors),
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> "ScoreResult":
        """A result from what `to_json` gave.

        >>> result = ScoreResult(values={"sap": 0.25}, per_factor={"sap": np.array([0.25])})
        >>> ScoreResult.from_json(result.to_json()).per_factor["sap"]
        array([0.25])
        """
        form = fields_from_json(ScoreResultForm, value, source="the result of a score")
        return cls(
            values=form.values,
            per_factor={name: np.array(part) for name, part in form.per_factor.items()},
            per_channel={name: np.array(part) for name, part in form.per_channel.items()},
            matrices={name: np.array(part) for name, part in form.matrices.items()},
            factors=form.factors,
            notes=form.notes,
        )


def _lists(arrays: Mapping[str, Array]) -> dict[str, list[object]]:
    return {name: array.tolist() for name, array in sorted(arrays.items())}


class Takes(Flag):
    """What a score takes beside the codes; in brackets the keyword it comes under."""

    NOTHING = 0
    FACTORS = auto()  # known values of at least one factor (second argument)
    GRID = auto()  # every combination of factor values, or a sampler over them
    SAMPLER = auto()  # a source of further images (`sampler`)
    POSTERIORS = auto()  # log-variances of the posteriors (`log_variance`)
    NMI = auto()  # normalised mutual information from posteriors (`nmi`)
    INFORMATION = auto()  # bits of each channel where they are known (`information`)
    MEMBERS = auto()  # codes of several members at once, and their rates (`rates`)
    INTEGER_CODES = auto()  # has a discrete form: integer codes where a member has them


@dataclass(frozen=True, kw_only=True)
class SharedTable:
    """A table that several scores read, computed once for all with equal settings.

    Arguments:
        name: of the table.
        settings: what decides it; the settings of the scores have these fields and may have more.
        compute: `compute(codes, factors, settings, *, seed, ...)` with the keywords of the scores;
            they receive what it returns as `table`.
    """

    name: str
    settings: type[ScoreSettings]
    compute: Callable[..., object]

    def settings_of(self, score: ScoreSettings) -> ScoreSettings:
        """The part of a score's settings that decides the table."""
        names = [field.name for field in fields(self.settings)]
        return self.settings(**{name: getattr(score, name) for name in names})


@dataclass(frozen=True, kw_only=True)
class ByFactor:
    """How a long score is shared out over processors, one factor at a time.

    Arguments:
        learn: `learn(codes, factors, settings, *, factor, seed)`, what one factor contributes.
        combine: `combine(contributions, *, kept, notes)`, the result.
    """

    learn: Callable[..., object]
    combine: Callable[..., ScoreResult]


@dataclass(frozen=True, kw_only=True)
class Score:
    """A score and what it promises about its main value.

    Arguments:
        compute: `compute(codes, factors, settings, *, seed, ...)` with a keyword for everything
            that `takes` and `table` name; codes of several members where it takes `MEMBERS`.
        settings: the record of its options, with limits in the annotations. Records that derive
            from `PredictorSettings` say that the score trains something.
        main: the name in `values` that stands for the score in tables.
        values: all names it may return.
        beside: values without which the main one cannot be judged; tables show them beside it.
        low, high: the range of the main value, ends included.
        good: which end is the good one.
        unit: of the main value.
        takes: what it takes beside the codes.
        table: which table it reads, computed once for many scores.
        by_factor: how its work is shared out; None computes it in one piece.
        measures: one line for tables.
        source: paper and year.
    """

    compute: Callable[..., ScoreResult]
    settings: type[ScoreSettings] = ScoreSettings
    main: str
    values: tuple[str, ...]
    beside: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    good: Good = "high"
    unit: str = "1"
    takes: Takes = Takes.FACTORS
    table: SharedTable | None = None
    by_factor: ByFactor | None = None
    measures: str
    source: str
