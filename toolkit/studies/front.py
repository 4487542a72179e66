"""The trials that no other trial beats: the Pareto front of a study."""

from collections.abc import Sequence

from toolkit.studies.records import Trial
from toolkit.studies.settings import Objective


def front(trials: Sequence[Trial], objectives: Sequence[Objective]) -> list[Trial]:
    """Complete trials that no other one equals or betters in everything and betters in something.

    In the order of their first objective, best first; trials with equal values all stay.

    >>> goal = [Objective(name="distortion", direction="minimise")]
    >>> far = Trial(number=0, parameters={}, values={"distortion": 3.0})
    >>> near = Trial(number=1, parameters={}, values={"distortion": 1.0})
    >>> [trial.number for trial in front([far, near], goal)]
    [1]
    """
    scores = {
        trial.number: _costs(trial, objectives) for trial in trials if trial.values is not None
    }
    return sorted(
        (
            trial
            for trial in trials
            if trial.number in scores
            and not any(_beats(other, scores[trial.number]) for other in scores.values())
        ),
        key=lambda trial: (*scores[trial.number], trial.number),
    )


def _costs(trial: Trial, objectives: Sequence[Objective]) -> tuple[float, ...]:
    """The values with a sign that makes less better."""
    values = trial.values or {}
    return tuple(
        values[objective.name] * (1 if objective.direction == "minimise" else -1)
        for objective in objectives
    )


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
