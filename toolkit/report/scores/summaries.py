"""Every score over all runs: its mean, its interval over seeds, and the ranks of the runs."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from toolkit.disentanglement import SCORES
from toolkit.disentanglement.record import Good
from toolkit.report.intervals import RANKED_DIGITS, mean_interval
from toolkit.report.runs import ComparedRun
from toolkit.report.scores.records import ScoreMean, ScoreSummary, Setting

Groups = Sequence[Sequence[int]]
Values = Sequence[float | None]


def group_by_setting(runs: Sequence[ComparedRun]) -> tuple[Setting, ...]:
    """Groups of runs that differ in nothing but their seed, in the order of the runs.

    A label holds only what differs between groups, and is "all" where nothing does.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for position, run in enumerate(runs):
        numbers = tuple(sorted(run.hyperparameters.items()))
        options = tuple(sorted(run.options.items()))
        conditions = tuple(sorted(run.conditions.items()))
        setting = (run.ensemble, run.data, run.objective, numbers, options, conditions)
        groups.setdefault(setting, []).append(position)
    firsts = [runs[positions[0]] for positions in groups.values()]
    settings = []
    for run, positions in zip(firsts, groups.values(), strict=True):
        # Label
        words = [
            getattr(run, name)
            for name in ("ensemble", "data", "objective")
            if len({getattr(first, name) for first in firsts}) > 1
        ]
        words += [
            f"{name}={value:g}"
            for name, value in sorted(run.hyperparameters.items())
            if len({first.hyperparameters.get(name) for first in firsts}) > 1
        ]
        words += [
            f"{name}={text}"
            for name, text in sorted(run.options.items())
            if len({first.options.get(name) for first in firsts}) > 1
        ]
        words += [
            f"{name}={text}"
            for name, text in run.conditions.items()
            if len({first.conditions.get(name) for first in firsts}) > 1
        ]
        settings.append(Setting(label=" ".join(words) or "all", runs=tuple(positions)))
    return tuple(settings)


def summarise_scores(
    runs: Sequence[ComparedRun], *, settings: Sequence[Setting], curves: Sequence[Groups]
) -> tuple[ScoreSummary, ...]:
    """One summary per score value that some run has: scores in the order of their table.

    Scores that the table lacks come last; of each score its main value comes first, then
    what it cannot be judged without.

    Arguments:
        runs: in the order of the findings.
        settings: groups of runs that differ in their seed alone.
        curves: for each curve the runs of each of its points.
    """
    order = list(SCORES)

    def sort_key(name: str) -> tuple[int, str, bool, bool, str]:
        score = name.partition("/")[0]
        position = order.index(score) if score in SCORES else len(order)
        return (position, score, not is_main(name), not is_beside(name), name)

    names = {name for run in runs for name in run.scores}
    return tuple(
        _summarise(name, [run.scores.get(name) for run in runs], settings, curves)
        for name in sorted(names, key=sort_key)
    )


def is_main(name: str) -> bool:
    """Whether a `score/value` stands for its score; every value of an unknown score does.

    >>> is_main("jemmig/jemmig_normalised"), is_main("jemmig/jemmig_nats"), is_main("mine/x")
    (True, False, True)
    """
    score, _, value = name.partition("/")
    return score not in SCORES or value == SCORES[score].main


def is_beside(name: str) -> bool:
    """Whether the main value of a score cannot be judged without this one beside it.

    >>> is_beside("dci/informativeness_test"), is_beside("dci/completeness")
    (True, False)
    """
    score, _, value = name.partition("/")
    return score in SCORES and value in SCORES[score].beside


def _summarise(
    name: str, values: Values, settings: Sequence[Setting], curves: Sequence[Groups]
) -> ScoreSummary:
    row = SCORES.get(name.partition("/")[0])
    main_row = row if is_main(name) else None  # range and direction are those of the main value
    good: Good = "neither" if main_row is None else main_row.good
    known = {run: value for run, value in enumerate(values) if value is not None}

    def mean_over(runs: Sequence[int]) -> ScoreMean | None:
        some = {run: known[run] for run in runs if run in known}
        return _mean(some) if some else None

    return ScoreSummary(
        name=name,
        main=is_main(name),
        beside=is_beside(name),
        measures="" if row is None else row.measures,
        source="" if row is None else row.source,
        low=None if main_row is None else main_row.low,
        high=None if main_row is None else main_row.high,
        good=good,
        values=tuple(values),
        ranks=_ranks(values, good=good),
        overall=_mean(known),
        by_setting=tuple(mean_over(setting.runs) for setting in settings),
        by_value=tuple(tuple(mean_over(group) for group in groups) for groups in curves),
    )


def _mean(values: Mapping[int, float]) -> ScoreMean:
    numbers = list(values.values())
    return ScoreMean(runs=tuple(values), mean=fmean(numbers), interval=mean_interval(numbers))


def _ranks(values: Values, *, good: Good) -> tuple[int | None, ...]:
    """1 for the best; equal values share the better rank, up to rounding."""
    from scipy.stats import rankdata

    if good == "neither":
        return (None,) * len(values)
    sign = -1 if good == "high" else 1
    known = [sign * round(value, RANKED_DIGITS) for value in values if value is not None]
    ranks = iter(rankdata(known, method="min").tolist())
    return tuple(None if value is None else int(next(ranks)) for value in values)
