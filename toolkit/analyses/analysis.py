"""What an analysis is given, and what it gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.analyses.parts import Parts
from toolkit.execution import Execute
from toolkit.late_types import DataFrame, Figure

Tell = Callable[[str, int, int], None]
Numbers = Mapping[str, float]
Metrics = Mapping[str, Numbers | Mapping[str, Numbers]]


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Where an analysis works.

    Arguments:
        parts: finished pieces of long work, which a second start finds again.
        engine: from how many blocks there are to what runs them, as `toolkit.execution.best`.
        tell: called with what is being done, units done, and units in all.
    """

    parts: Parts
    engine: Callable[[int], Execute]
    tell: Tell


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an analysis found.

    Arguments:
        sentences: the findings in words.
        tables: by name; the first one is the most telling.
        metrics: the most telling numbers, by group and name or by group, subgroup and name; all
            finite.
        figure: drawn inside `quiet()`.
    """

    sentences: Sequence[str]
    tables: Mapping[str, DataFrame]
    metrics: Metrics
    figure: Figure


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """A row of the table of analyses.

    Arguments:
        settings: a frozen dataclass with limits in annotations: what params.yaml may say.
        run: from settings and a workshop to an outcome.
        about: one sentence.
        source: where it was published.
    """

    settings: type[Any]
    run: Callable[[Any, Workshop], Outcome]
    about: str
    source: str
