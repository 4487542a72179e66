"""What a score is, what it promises, and what it answers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from toolkit.errors import ToolkitError

Array = npt.NDArray[Any]
Need = Literal["factors", "grid", "posteriors", "nmi", "models"]
Table = Literal["counts", "normalised", "entropies"]
Good = Literal["high", "low", "neither"]


@dataclass(frozen=True, kw_only=True)
class ScoreResult:
    """The named values of one score on one member, with the detail they were averaged from.

    Arguments:
        values: every number by name; finite.
        per_factor: arrays (k,), one entry for each of `factors`.
        per_channel: arrays (d,), one entry for each channel (for `models`: each member).
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

    def record(self) -> dict[str, Any]:
        """The same as plain numbers, lists and text, ready for a JSON record.

        >>> ScoreResult(values={"mig": 0.5}, factors=(0,)).record()["values"]
        {'mig': 0.5}
        """
        parts = {
            name: {key: array.tolist() for key, array in sorted(getattr(self, name).items())}
            for name in ("per_factor", "per_channel", "matrices")
        }
        values = {name: float(value) for name, value in sorted(self.values.items())}
        return {
            "values": values,
            **parts,
            "factors": list(self.factors),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, kw_only=True)
class Score:
    """A score and what it promises about its main value.

    Arguments:
        compute: `compute(codes, factors, *, seed, ...)`; `models` in `needs`: several codes.
        main: the name in `values` that stands for the score in tables.
        values: all names it may return.
        low, high: the range of the main value, ends included.
        good: which end is the good one.
        needs: what it takes beside the codes: "factors"; "grid", every combination of them or a
            sampler over it; "posteriors", log-variances; "nmi", a table made from posteriors;
            "models", several members at once.
        samples: draws images by their factors; takes a `sampler`.
        learns: trains something; takes a `split`.
        table: which table, made once for many scores, it can be handed.
        measures: one line for tables.
        source: paper and year.
    """

    compute: Callable[..., ScoreResult]
    main: str
    values: tuple[str, ...]
    low: float = 0.0
    high: float = 1.0
    good: Good = "high"
    unit: str = "1"
    needs: frozenset[Need] = frozenset({"factors"})
    samples: bool = False
    learns: bool = False
    table: Table | None = None
    measures: str
    source: str
