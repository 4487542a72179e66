"""How runs change with the hyper-parameters that vary between them."""

from collections.abc import Callable, Sequence

from toolkit.report.records import Curve, CurvePoint, RunSummary
from toolkit.report.runs import ComparedRun

Agreement = Callable[[tuple[int, ...]], float]


def varying(runs: Sequence[ComparedRun]) -> list[tuple[str, str]]:
    """(objective, hyper-parameter) wherever runs of one objective have different values."""
    seen: dict[tuple[str, str], set[float]] = {}
    for run in runs:
        for name, value in run.hyperparameters.items():
            seen.setdefault((run.objective, name), set()).add(value)
    return sorted(place for place, values in seen.items() if len(values) > 1)


def find_curves(
    runs: Sequence[ComparedRun], summaries: Sequence[RunSummary], *, agreement: Agreement
) -> tuple[Curve, ...]:
    """A curve for every varying hyper-parameter: plain means over the runs with each value.

    Arguments:
        runs: all runs compared.
        summaries: of the same runs, in the same order.
        agreement: of two or more runs, named by position.
    """
    curves = []
    for objective, parameter in varying(runs):
        by_value: dict[float, list[int]] = {}
        for position, run in enumerate(runs):
            if run.objective == objective and parameter in run.hyperparameters:
                by_value.setdefault(run.hyperparameters[parameter], []).append(position)
        points = [
            _point(value, tuple(positions), runs, summaries, agreement)
            for value, positions in sorted(by_value.items())
        ]
        curves.append(Curve(objective=objective, parameter=parameter, points=tuple(points)))
    return tuple(curves)


def _point(
    value: float,
    positions: tuple[int, ...],
    runs: Sequence[ComparedRun],
    summaries: Sequence[RunSummary],
    agreement: Agreement,
) -> CurvePoint:
    return CurvePoint(
        value=value,
        runs=positions,
        distortion=mean_known([runs[position].distortion for position in positions]),
        rate=mean_known([runs[position].rate for position in positions]),
        total_bits=_mean([summaries[position].total_bits for position in positions]),
        active=_mean([summaries[position].active for position in positions]),
        agreement=agreement(positions) if len(positions) > 1 else None,
        hot_spots=_mean([summaries[position].hot_spots for position in positions]),
    )


def _mean(values: Sequence[float | int]) -> float:
    return sum(values) / len(values)


def mean_known(values: Sequence[float | None]) -> float | None:
    """The mean of those that are there, if any is.

    >>> mean_known([1.0, None, 2.0]), mean_known([None])
    (1.5, None)
    """
    known = [value for value in values if value is not None]
    return _mean(known) if known else None
