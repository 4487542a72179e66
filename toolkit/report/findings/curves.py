"""How runs change with the hyper-parameters that vary between them."""

from collections.abc import Callable, Sequence

from toolkit.report.records import Curve, CurvePoint, RunSummary
from toolkit.report.runs import ComparedRun

Agreement = Callable[[tuple[int, ...]], float]


def varying(runs: Sequence[ComparedRun]) -> list[tuple[str, str]]:
    """(objective, hyper-parameter) wherever runs of one objective have different values."""
    values_of: dict[tuple[str, str], set[float]] = {}
    for run in runs:
        for name, value in run.hyperparameters.items():
            values_of.setdefault((run.objective, name), set()).add(value)
    return sorted(parameter for parameter, values in values_of.items() if len(values) > 1)


def find_curves(
    runs: Sequence[ComparedRun], summaries: Sequence[RunSummary], *, agreement: Agreement
) -> tuple[Curve, ...]:
    """One curve per varying hyper-parameter: plain means over the runs with each value.

    Arguments:
        runs: all runs compared.
        summaries: of the same runs, in the same order.
        agreement: of two or more runs, given by position.
    """
    curves = []
    for objective, parameter in varying(runs):
        by_value: dict[float, list[int]] = {}
        for position, run in enumerate(runs):
            if run.objective == objective and parameter in run.hyperparameters:
                by_value.setdefault(run.hyperparameters[parameter], []).append(position)
        points = []
        for value, positions in sorted(by_value.items()):
            some_runs = [runs[position] for position in positions]
            some_summaries = [summaries[position] for position in positions]
            point = CurvePoint(
                value=value,
                runs=tuple(positions),
                distortion=mean_known([run.distortion for run in some_runs]),
                rate=mean_known([run.rate for run in some_runs]),
                total_bits=_mean([summary.total_bits for summary in some_summaries]),
                active=_mean([summary.active for summary in some_summaries]),
                agreement=agreement(tuple(positions)) if len(positions) > 1 else None,
                hot_spots=_mean([summary.hot_spots for summary in some_summaries]),
            )
            points.append(point)
        curves.append(Curve(objective=objective, parameter=parameter, points=tuple(points)))
    return tuple(curves)


def _mean(values: Sequence[float | int]) -> float:
    return sum(values) / len(values)


def mean_known(values: Sequence[float | None]) -> float | None:
    """The mean of the values that are known, or None where none is.

    >>> mean_known([1.0, None, 2.0]), mean_known([None])
    (1.5, None)
    """
    known = [value for value in values if value is not None]
    return _mean(known) if known else None
