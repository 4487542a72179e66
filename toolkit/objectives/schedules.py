"""Weights that change while a member is trained.

A weight of an objective is a number or a row of `SCHEDULES`. Cyclic schedules are those of Fu et
al. (NAACL 2019), https://arxiv.org/abs/1903.10145.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le

from toolkit.tables import NestedRow

Shape = Literal["linear", "sigmoid", "cosine"]


@dataclass(frozen=True, kw_only=True)
class Schedule(NestedRow):
    """A weight as a function of the updates done; every value lies between its two ends."""

    TAG: ClassVar[str] = "schedule"

    @classmethod
    def table(cls) -> Mapping[str, type["Schedule"]]:
        """`SCHEDULES`."""
        return SCHEDULES

    @property
    @abstractmethod
    def ends(self) -> tuple[float, float]:
        """Value at the first update, and value after training."""
        ...

    @abstractmethod
    def at(self, step: int | None) -> float:
        """The weight after `step` updates; None: after training."""
        ...


@dataclass(frozen=True, kw_only=True)
class Constant(Schedule):
    """The same at every step.

    Arguments:
        value: of the weight.
    """

    value: float

    @property
    def ends(self) -> tuple[float, float]:
        """Twice the value."""
        return self.value, self.value

    def at(self, step: int | None) -> float:
        """The value."""
        del step
        return self.value


@dataclass(frozen=True, kw_only=True)
class _StartToEnd(Schedule):
    start: float = 0.0
    end: float = 1.0

    @property
    def ends(self) -> tuple[float, float]:
        """Start and end."""
        return self.start, self.end

    def _between(self, part: float) -> float:
        return self.start + (self.end - self.start) * part


@dataclass(frozen=True, kw_only=True)
class Linear(_StartToEnd):
    """In a straight line from `start` to `end`, then flat.

    Arguments:
        start: at the first update.
        end: from update `steps` on, and after training.
        steps: updates that it takes; 0: `end` from the first update.
    """

    steps: Annotated[int, Ge(0)]

    def at(self, step: int | None) -> float:
        """The weight after `step` updates; None: `end`.

        >>> [Linear(end=4.0, steps=4).at(step) for step in (0, 1, 4, 9, None)]
        [0.0, 1.0, 4.0, 4.0, 4.0]
        """
        return ramp(self.start, self.end, steps=self.steps, step=step)


@dataclass(frozen=True, kw_only=True)
class Delayed(_StartToEnd):
    """Flat at `start` for a while, then in a straight line to `end`, then flat.

    Arguments:
        start: during the delay.
        end: after delay and steps, and after training.
        delay: updates at `start`.
        steps: updates from `start` to `end`; 0: a jump.
    """

    delay: Annotated[int, Ge(0)]
    steps: Annotated[int, Ge(0)] = 0

    def at(self, step: int | None) -> float:
        """The weight after `step` updates; None: `end`.

        >>> [Delayed(delay=3, steps=2).at(step) for step in (0, 3, 4, 5, None)]
        [0.0, 0.0, 0.5, 1.0, 1.0]
        """
        if step is not None and step < self.delay:
            return self.start
        since = None if step is None else step - self.delay
        return ramp(self.start, self.end, steps=self.steps, step=since)


@dataclass(frozen=True, kw_only=True)
class Cyclic(_StartToEnd):
    """Cycles, each a rise from `start` to `end` and then flat until the cycle ends.

    Arguments:
        start: at the beginning of every cycle.
        end: after the rise, after all cycles, and after training.
        period: updates per cycle.
        shape: of the rise: a straight line, a logistic curve or half a cosine.
        rising: part of a cycle that the rise takes; half of it in the source.
        repeats: number of cycles; 0: cycles never end.
    """

    period: Annotated[int, Ge(1)]
    shape: Shape = "linear"
    rising: Annotated[float, Gt(0), Le(1)] = 0.5
    repeats: Annotated[int, Ge(0)] = 0

    def at(self, step: int | None) -> float:
        """The weight after `step` updates; None: `end`.

        >>> [Cyclic(period=4).at(step) for step in (0, 1, 2, 3, 4, 5, None)]
        [0.0, 0.5, 1.0, 1.0, 0.0, 0.5, 1.0]
        """
        if step is None or (self.repeats and step >= self.repeats * self.period):
            return self.end
        part = (step % self.period) / (self.period * self.rising)
        return self.end if part >= 1 else self._between(rise(part, self.shape))


@dataclass(frozen=True, kw_only=True)
class Cosine(_StartToEnd):
    """A wave between `start` and `end`.

    Arguments:
        start: at the first update and after every period.
        end: half a period later, and after training.
        period: updates from start to start.
    """

    period: Annotated[int, Ge(1)]

    def at(self, step: int | None) -> float:
        """The weight after `step` updates; None: `end`.

        >>> [round(Cosine(period=4).at(step), 9) for step in (0, 1, 2, 3, 4, None)]
        [0.0, 0.5, 1.0, 0.5, 0.0, 1.0]
        """
        if step is None:
            return self.end
        return self._between((1 - math.cos(2 * math.pi * step / self.period)) / 2)


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "cosine": Cosine,
    "cyclic": Cyclic,
    "delayed": Delayed,
    "linear": Linear,
}

Number = float | Schedule  # a weight of any sign
Weight = Annotated[float, Ge(0)] | Schedule  # a weight of at least 0, at every step
Margin = Annotated[float, Gt(0)] | Schedule  # a number above 0, at every step
Share = Annotated[float, Ge(0), Le(1)] | Schedule  # a number from 0 to 1, at every step


def ramp(start: float, end: float, *, steps: int, step: int | None) -> float:
    """From `start` in a straight line to `end`, then flat; `end` after training (step None).

    >>> [ramp(0.0, 10.0, steps=4, step=step) for step in (0, 1, 4, 9, None)]
    [0.0, 2.5, 10.0, 10.0, 10.0]
    """
    if step is None or step >= steps:
        return end
    return start + (end - start) * step / steps


def rise(part: float, shape: Shape) -> float:
    """From 0 to 1 while `part` goes from 0 to 1; "sigmoid" starts at 0.002 and ends at 0.998.

    >>> [rise(0.5, shape) for shape in ("linear", "sigmoid", "cosine")]
    [0.5, 0.5, 0.49999999999999994]
    """
    if shape == "sigmoid":
        return 1 / (1 + math.exp(6 - 12 * part))
    return (1 - math.cos(math.pi * part)) / 2 if shape == "cosine" else part


def value_at(weight: float | Schedule, step: int | None) -> float:
    """The number in force after `step` updates; None: after training."""
    return weight.at(step) if isinstance(weight, Schedule) else float(weight)


def lowest(weight: float | Schedule) -> float:
    """The least value it ever takes, or less."""
    return min(weight.ends) if isinstance(weight, Schedule) else float(weight)


def highest(weight: float | Schedule) -> float:
    """The greatest value it ever takes, or more."""
    return max(weight.ends) if isinstance(weight, Schedule) else float(weight)
