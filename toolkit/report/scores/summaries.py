"""Every score over all runs: its mean, its interval over seeds, and who comes first."""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from toolkit.disentanglement import SCORES, Score
from toolkit.disentanglement.record import Good
from toolkit.report.runs import ComparedRun
from toolkit.report.scores.records import ScoreMean, ScoreSummary, Setting
from toolkit.report.spans import mean_span

_DIGITS = 9
_UNKNOWN = len(SCORES)

Groups = Sequence[Sequence[int]]


def summaries_of(
    runs: Sequence[ComparedRun], *, settings: Sequence[Setting], curves: Sequence[Groups]
) -> tuple[ScoreSummary, ...]:
    """One summary for each value that some run has: scores in the order of their table.

    Arguments:
        runs: in the order of the findings.
        settings: runs that differ in their seed alone.
        curves: for each curve the runs of each of its points.
    """
    names = {name for run in runs for name in run.scores}
    return tuple(
        _summary(name, [run.scores.get(name) for run in runs], settings, curves)
        for name in sorted(names, key=_place)
    )


def _place(name: str) -> tuple[int, str, bool, str]:
    """The scores of the table in its order, then all others; of each its main value first."""
    score = name.partition("/")[0]
    place = list(SCORES).index(score) if score in SCORES else _UNKNOWN
    return (place, score, not is_main(name), name)


def is_main(name: str) -> bool:
    """Whether a `score/value` stands for its score; of a score nobody knows, every value does.

    >>> is_main("jemmig/jemmig_normalised"), is_main("jemmig/jemmig_nats"), is_main("mine/x")
    (True, False, True)
    """
    score, _, value = name.partition("/")
    return score not in SCORES or value == SCORES[score].main


def _summary(
    name: str,
    values: Sequence[float | None],
    settings: Sequence[Setting],
    curves: Sequence[Groups],
) -> ScoreSummary:
    known = SCORES.get(name.partition("/")[0])
    promised: Score | None = known if known is not None and is_main(name) else None
    good: Good = "neither" if promised is None else promised.good
    over = _means(values)
    known_ones = {run: value for run, value in enumerate(values) if value is not None}
    return ScoreSummary(
        name=name,
        main=is_main(name),
        measures="" if known is None else known.measures,
        source="" if known is None else known.source,
        low=None if promised is None else promised.low,
        high=None if promised is None else promised.high,
        good=good,
        values=tuple(values),
        ranks=_ranks(values, good=good),
        overall=_mean(known_ones),
        by_setting=tuple(over(setting.runs) for setting in settings),
        by_value=tuple(tuple(over(group) for group in groups) for groups in curves),
    )


def _means(values: Sequence[float | None]) -> Callable[[Sequence[int]], ScoreMean | None]:
    def over(runs: Sequence[int]) -> ScoreMean | None:
        some = {run: value for run in runs if (value := values[run]) is not None}
        return _mean(some) if some else None

    return over


def _mean(values: Mapping[int, float]) -> ScoreMean:
    numbers = list(values.values())
    return ScoreMean(runs=tuple(values), mean=fmean(numbers), span=mean_span(numbers))


def _ranks(values: Sequence[float | None], *, good: Good) -> tuple[int | None, ...]:
    """1 for the best; equals share the better rank, those that differ by rounding are equals."""
    from scipy.stats import rankdata

    if good == "neither":
        return (None,) * len(values)
    sign = -1 if good == "high" else 1
    known = [sign * round(value, _DIGITS) for value in values if value is not None]
    order = iter(rankdata(known, method="min").tolist())
    return tuple(None if value is None else int(next(order)) for value in values)
