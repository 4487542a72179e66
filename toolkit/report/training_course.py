"""What the runs of a setting knew while they were trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from toolkit.report.intervals import Interval, mean_interval
from toolkit.report.runs import ComparedRun
from toolkit.report.scores.records import Setting


@dataclass(frozen=True, kw_only=True)
class CoursePoint:
    """The runs of one setting after so many updates.

    Arguments:
        setting: its label.
        step: number of updates.
        runs: how many runs the means are over.
        bits: mean over runs of the bits of all channels.
        interval: 95 % interval of that mean over runs; None for a single run.
        active: mean number of channels above the threshold.
    """

    setting: str
    step: int
    runs: int
    bits: float
    interval: Interval | None
    active: float


def course_of_training(
    runs: Sequence[ComparedRun], settings: Sequence[Setting], *, threshold_bits: float
) -> tuple[CoursePoint, ...]:
    """By setting and step, at the steps at which all runs of the setting kept their posteriors.

    Arguments:
        runs: in the order of the findings.
        settings: groups of runs that differ in their seed alone.
        threshold_bits: a channel with more bits is active.
    """
    points = []
    for setting in settings:
        courses = [dict(runs[run].trajectory) for run in setting.runs]
        for step in sorted(set.intersection(*(set(course) for course in courses))):
            totals = [sum(course[step]) for course in courses]
            points.append(
                CoursePoint(
                    setting=setting.label,
                    step=step,
                    runs=len(courses),
                    bits=fmean(totals),
                    interval=mean_interval(totals),
                    active=fmean(
                        sum(bits > threshold_bits for bits in course[step]) for course in courses
                    ),
                )
            )
    return tuple(points)
