"""How runs change with the hyper-parameters that vary between them."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from toolkit.report.findings.agreement import AgreementAmong
from toolkit.report.intervals import mean_interval
from toolkit.report.records import Curve, CurvePoint, RunSummary
from toolkit.report.runs import ComparedRun

Positions = list[int]


def varying(runs: Sequence[ComparedRun]) -> list[tuple[str, str]]:
    """(objective, hyper-parameter) wherever runs of one objective have different values."""
    values_of: dict[tuple[str, str], set[float]] = {}
    for run in runs:
        for name, value in run.hyperparameters.items():
            values_of.setdefault((run.objective, name), set()).add(value)
    return sorted(parameter for parameter, values in values_of.items() if len(values) > 1)


def find_curves(
    runs: Sequence[ComparedRun], summaries: Sequence[RunSummary], *, agreement: AgreementAmong
) -> tuple[Curve, ...]:
    """Curves along every varying hyper-parameter: plain means over the runs with each value.

    A curve joins runs that differ in this hyper-parameter and their seeds alone, so one
    hyper-parameter may have several. Where no two values are found under equal other settings, as
    in a random search, its runs come as points that no line joins.

    Arguments:
        runs: all runs compared.
        summaries: of the same runs, in the same order.
        agreement: of two or more runs, given by position.
    """
    curves = []
    for objective, parameter in varying(runs):
        positions = [
            position
            for position, run in enumerate(runs)
            if run.objective == objective and parameter in run.hyperparameters
        ]
        groups: dict[tuple[tuple[str, str], ...], Positions] = {}
        for position in positions:
            others = tuple(sorted(_others(runs[position], parameter).items()))
            groups.setdefault(others, []).append(position)
        lines = {
            others: group
            for others, group in groups.items()
            if len({runs[position].hyperparameters[parameter] for position in group}) > 1
        }
        settings = [dict(others) for others in lines]
        for others, group in lines.items():
            curves.append(
                Curve(
                    objective=objective,
                    parameter=parameter,
                    points=_points(runs, summaries, parameter, group, agreement, joined=True),
                    fixed=_difference(dict(others), settings),
                )
            )
        if not lines:
            points = _points(runs, summaries, parameter, positions, agreement, joined=False)
            curves.append(
                Curve(objective=objective, parameter=parameter, points=points, joined=False)
            )
    return tuple(curves)


def _others(run: ComparedRun, parameter: str) -> dict[str, str]:
    """All settings of a run but one hyper-parameter, its seed, and the ensemble it belongs to."""
    numbers = {name: f"{v:g}" for name, v in run.hyperparameters.items() if name != parameter}
    return {"data": run.data, **numbers, **run.options, **run.conditions}


def _difference(settings: Mapping[str, str], among: Sequence[Mapping[str, str]]) -> str:
    """The settings that differ among all, as a text; empty where none does.

    >>> _difference({"gamma": "1", "steps": "5"}, [{"gamma": "1", "steps": "5"}, {"steps": "5"}])
    'gamma=1'
    """
    return ", ".join(
        f"{name}={value}"
        for name, value in settings.items()
        if len({other.get(name) for other in among}) > 1
    )


def _points(
    runs: Sequence[ComparedRun],
    summaries: Sequence[RunSummary],
    parameter: str,
    positions: Positions,
    agreement: AgreementAmong,
    *,
    joined: bool,
) -> tuple[CurvePoint, ...]:
    """One point per value, rising."""
    by_value: dict[float, Positions] = {}
    for position in positions:
        by_value.setdefault(runs[position].hyperparameters[parameter], []).append(position)
    points = []
    for value, group in sorted(by_value.items()):
        some_runs = [runs[position] for position in group]
        some_summaries = [summaries[position] for position in group]
        distortion = _known([run.distortion for run in some_runs])
        rate = _known([run.rate for run in some_runs])
        bits = [summary.total_bits for summary in some_summaries]
        active = [float(summary.active) for summary in some_summaries]
        hot_spots = [float(summary.hot_spots) for summary in some_summaries]
        point = CurvePoint(
            value=value,
            runs=tuple(group),
            distortion=mean_known(distortion),
            distortion_interval=mean_interval(distortion),
            rate=mean_known(rate),
            rate_interval=mean_interval(rate),
            total_bits=fmean(bits),
            total_bits_interval=mean_interval(bits),
            active=fmean(active),
            active_interval=mean_interval(active),
            agreement=agreement(tuple(group)) if joined and len(group) > 1 else None,
            hot_spots=fmean(hot_spots),
            hot_spots_interval=mean_interval(hot_spots),
        )
        points.append(point)
    return tuple(points)


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def mean_known(values: Sequence[float | None]) -> float | None:
    """The mean of the values that are known, or None where none is.

    >>> mean_known([1.0, None, 2.0]), mean_known([None])
    (1.5, None)
    """
    known = _known(values)
    return fmean(known) if known else None
