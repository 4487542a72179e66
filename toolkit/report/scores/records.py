"""Records of disentanglement scores over runs."""

from dataclasses import dataclass
from typing import Literal

from toolkit.report.intervals import Interval


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Runs that differ in nothing but their seed.

    Arguments:
        label: what differs from the other settings, "beta=4".
        runs: their positions.
    """

    label: str
    runs: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreMean:
    """The mean of a score over some runs, with its 95 % interval; None for a single run."""

    runs: tuple[int, ...]
    mean: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class ScoreSummary:
    """One value of one score, over all runs.

    Arguments:
        name: `score/value`.
        main: whether it is the value that stands for its score.
        beside: whether the main value cannot be judged without it.
        measures: in one line, if the toolkit knows the score.
        source: its paper, if the toolkit knows it.
        low, high: the range, if known; may be infinite.
        good: which end is better; "neither" where none is, or it is unknown.
        values: by run; None where the record lacks the value.
        ranks: by run, 1 for the best; None where neither end is better.
        overall: over all runs that have the value.
        by_setting: over the runs of every setting.
        by_value: for every curve of the findings, for every point of it.
    """

    name: str
    main: bool
    beside: bool = False
    measures: str
    source: str
    low: float | None
    high: float | None
    good: Literal["high", "low", "neither"]
    values: tuple[float | None, ...]
    ranks: tuple[int | None, ...]
    overall: ScoreMean
    by_setting: tuple[ScoreMean | None, ...]
    by_value: tuple[tuple[ScoreMean | None, ...], ...]

    @property
    def label(self) -> str:
        """Its name for readers, without words that score and value share."""
        score, _, value = self.name.replace("_", " ").partition("/")
        if not value or value.startswith(score) or score.startswith(value):
            return score
        return value if score in value else f"{score} {value}"

    @property
    def ranked(self) -> bool:
        """Whether it ranks the runs."""
        return 1 in self.ranks

    @property
    def tied(self) -> int:
        """How many runs share rank 1."""
        return self.ranks.count(1)

    @property
    def best(self) -> int | None:
        """The run with rank 1; None where several share it."""
        return self.ranks.index(1) if self.tied == 1 else None


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """Spearman's rank correlation of two numbers.

    Arguments:
        first, second: the numbers.
        value: -1 to 1.
        interval: 95 % interval over runs; None with fewer than four runs, and where the two rank
            the runs identically or in reverse, which shows no spread.
        runs: how many have both.
    """

    first: str
    second: str
    value: float
    interval: Interval | None
    runs: int


@dataclass(frozen=True, kw_only=True)
class Correlations:
    """Spearman's rank correlation of every two numbers over the runs.

    Arguments:
        names: of the numbers.
        values: rows and columns in that order; None where fewer than three runs have both, or
            where one of them is constant.
        pairs: every two different numbers whose correlation is known, with its interval.
    """

    names: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    pairs: tuple[Correlation, ...]
