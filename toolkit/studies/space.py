"""What a study may choose from: a table of ranges and choices, one row a hyper-parameter.

Plain data: it can be declared in params.yaml, digested, printed in a report, and listed point by
point. Optuna's own distributions are made from it in `samplers.py`.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from annotated_types import Gt, MinLen

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json

Parameter = bool | int | float | str
Parameters = dict[str, Parameter]


@dataclass(frozen=True, kw_only=True)
class Range:
    """An interval, ends included; in equal ratios if `log`, in equal steps if `step`.

    Three whole numbers make a range of whole numbers; any other range is of real numbers, which
    are kept to six significant digits.

    >>> Range(low=1, high=100, log=True).at(0.5)
    10.0
    >>> Range(low=0.0, high=0.3, step=0.1).points()
    (0.0, 0.1, 0.2, 0.3)
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    low: int | float
    high: int | float
    log: bool = False
    step: Annotated[int | float, Gt(0)] | None = None

    def __post_init__(self) -> None:
        self._check()
        if not self.whole:
            for name in ("low", "high", "step"):
                value = getattr(self, name)
                object.__setattr__(self, name, value if value is None else float(value))

    def _check(self) -> None:
        given = f"low {self.low:g}, high {self.high:g}"
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ToolkitError(f"a range has ends that are not finite ({given}). Give two numbers.")
        if self.low >= self.high:
            raise ToolkitError(f"a range is empty ({given}). Make `low` smaller than `high`.")
        if self.log and self.low <= 0:
            raise ToolkitError(
                f"a range in equal ratios cannot start at or below zero ({given}, log). "
                "Raise `low` above 0, or drop `log`."
            )
        if self.log and self.step is not None:
            raise ToolkitError(
                f"a range has both `log` and `step` ({given}, step {self.step:g}). "
                "Keep one of them, or list the values under `choices`."
            )
        if self.step is not None:
            self._check_step(self.step, given)

    def _check_step(self, step: int | float, given: str) -> None:
        if not (math.isfinite(step) and step > 0):
            raise ToolkitError(
                f"a range has a step that is no positive number ({given}, step {step:g}). "
                "Give the distance between neighbouring values."
            )
        if (_exact(self.high) - _exact(self.low)) % _exact(step):
            raise ToolkitError(
                f"a range does not end on one of its steps ({given}, step {step:g}). "
                "Choose a step that divides `high` - `low`."
            )

    @property
    def whole(self) -> bool:
        """Whether the values are whole numbers: all of low, high and step are."""
        return all(type(value) is int for value in (self.low, self.high, self.step))

    def points(self) -> tuple[Parameter, ...] | None:
        """Every value in order, or none if they cannot be counted."""
        if self.step is None:
            return None
        count = int((_exact(self.high) - _exact(self.low)) / _exact(self.step)) + 1
        values = (_exact(self.low) + index * _exact(self.step) for index in range(count))
        return tuple(int(value) if self.whole else float(value) for value in values)

    def at(self, fraction: float) -> Parameter:
        """The value at a fraction in [0, 1) of the way from `low` to `high`."""
        points = self.points()
        if points is not None:
            return points[int(fraction * len(points))]
        if self.log:
            return self.tidy(self.low * (self.high / self.low) ** fraction)
        return self.tidy(self.low + fraction * (self.high - self.low))

    def tidy(self, value: Parameter) -> Parameter:
        """The value a record holds: the nearest step, or six significant digits, inside the ends.

        >>> Range(low=0.1, high=1.0).tidy(0.123456789)
        0.123457
        """
        number = min(max(float(value), self.low), self.high)
        if self.step is None:
            return min(max(float(f"{number:.6g}"), self.low), self.high)
        points = self.points() or ()
        return points[round((number - self.low) / self.step)]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A list of values without distance between them.

    >>> Choices(choices=("mlp", "burgess")).at(0.7)
    'burgess'
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    choices: Annotated[tuple[Parameter, ...], MinLen(1)]

    def __post_init__(self) -> None:
        if not self.choices:
            raise ToolkitError("a list of choices is empty. Give at least one value.")
        twice = [value for index, value in enumerate(self.choices) if value in self.choices[:index]]
        if twice:
            raise ToolkitError(f"a list of choices has {twice[0]!r} twice. Give each value once.")
        if any(isinstance(value, float) and not math.isfinite(value) for value in self.choices):
            raise ToolkitError("a list of choices has a number that is not finite. Remove it.")

    def points(self) -> tuple[Parameter, ...]:
        """Every value in the order given."""
        return self.choices

    def at(self, fraction: float) -> Parameter:
        """The value at a fraction in [0, 1) of the way through the list."""
        return self.choices[int(fraction * len(self.choices))]

    def tidy(self, value: Parameter) -> Parameter:
        """The value itself: a choice needs no rounding."""
        return value


Space = Mapping[str, Range | Choices]


def _exact(value: int | float) -> Decimal:
    """The decimal number a person wrote, so that three steps of 0.1 are 0.3."""
    return Decimal(repr(value))


def space_record(space: Space) -> dict[str, Any]:
    """A space as JSON, hyper-parameters in alphabetical order.

    >>> space_record({"beta": Range(low=1.0, high=16.0, log=True)})
    {'beta': {'high': 16.0, 'log': True, 'low': 1.0, 'step': None}}
    """
    return {
        name: {"choices": list(axis.choices)}
        if isinstance(axis, Choices)
        else {"high": axis.high, "log": axis.log, "low": axis.low, "step": axis.step}
        for name, axis in sorted(space.items())
    }


def space_digest(space: Space) -> str:
    """SHA-256 of a space; the order of its rows does not count."""
    return digest_of_json(space_record(space))


def grid(space: Space) -> list[Parameters]:
    """Every point of a countable space: names in alphabetical order, the last one fastest.

    >>> grid({"b": Choices(choices=(1, 2)), "a": Choices(choices=("x",))})
    [{'a': 'x', 'b': 1}, {'a': 'x', 'b': 2}]

    Raises a ToolkitError when a range has no step, for it then has no points to list.
    """
    names, columns = sorted(space), []
    for name in names:
        points = space[name].points()
        if points is None:
            raise ToolkitError(
                f"the sampler `grid` cannot count the values of `{name}`. Give its range a `step`, "
                "list its values under `choices`, or choose another sampler."
            )
        columns.append(points)
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*columns)]
