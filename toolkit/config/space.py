"""What a study may choose from: a table of ranges and choices, one row per hyper-parameter.

Plain data: it can be declared in params.yaml, digested, printed in a report, and listed point by
point. Optuna's own distributions are made from it in `toolkit.studies`.
"""

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from annotated_types import Gt, MinLen

from toolkit.errors import ToolkitError, shortened
from toolkit.files import digest_of_json

Parameter = bool | int | float | str
Parameters = dict[str, Parameter]
MOST_POINTS = 100_000  # of a grid
MOST_STEPS = 10**15  # of a range: floats tell them apart


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
        if not (_is_finite(self.low) and _is_finite(self.high)):
            described = f"low {shortened(repr(self.low))}, high {shortened(repr(self.high))}"
            raise ToolkitError(
                f"a range has ends that are not finite ({described}). Give two numbers."
            )
        described = f"low {self.low:g}, high {self.high:g}"
        if self.low >= self.high:
            raise ToolkitError(f"a range is empty ({described}). Make `low` smaller than `high`.")
        if self.log and self.low <= 0:
            raise ToolkitError(
                f"a log-scaled range cannot start at or below zero ({described}, log). "
                "Raise `low` above 0, or drop `log`."
            )
        if self.log and self.step is not None:
            raise ToolkitError(
                f"a range has both `log` and `step` ({described}, step {self.step:g}). "
                "Keep one of them, or list the values under `choices`."
            )
        if self.step is not None:
            self._check_step(self.step, described)
        if not self.whole:
            for name in ("low", "high", "step"):
                value = getattr(self, name)
                object.__setattr__(self, name, value if value is None else float(value))

    def _check_step(self, step: int | float, described: str) -> None:
        if not (_is_finite(step) and step > 0):
            raise ToolkitError(
                "a range has a step that is not a positive number "
                f"({described}, step {shortened(str(step))}). "
                "Give the distance between neighbouring values."
            )
        if (_exact(self.high) - _exact(self.low)) % _exact(step):
            raise ToolkitError(
                f"a range does not end on one of its steps ({described}, step {step:g}). "
                "Choose a step that divides `high` - `low`."
            )
        if (self.count or 0) > MOST_STEPS:
            raise ToolkitError(
                f"a range has more than {MOST_STEPS:,} steps ({described}, step {step:g}). "
                "Choose a larger step, or drop it."
            )

    @property
    def whole(self) -> bool:
        """Whether the values are whole numbers: all of low, high and step are."""
        return all(type(value) is int for value in (self.low, self.high, self.step))

    @property
    def count(self) -> int | None:
        """How many values there are, or none if they cannot be counted."""
        if self.step is None:
            return None
        return int((_exact(self.high) - _exact(self.low)) / _exact(self.step)) + 1

    def points(self) -> tuple[Parameter, ...] | None:
        """Every value in order, or none if they cannot be counted."""
        return None if self.count is None else tuple(map(self._point, range(self.count)))

    def at(self, fraction: float) -> Parameter:
        """The value at a fraction in [0, 1) of the way from `low` to `high`."""
        if self.count is not None:
            return self._point(int(fraction * self.count))
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
        return self._point(round((number - self.low) / self.step))

    def _point(self, index: int) -> Parameter:
        """The value after `index` steps."""
        value = _exact(self.low) + index * _exact(self.step or 0)
        return int(value) if self.whole else float(value)


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
        repeated = [value for value, count in Counter(self.choices).items() if count > 1]
        if repeated:
            raise ToolkitError(
                f"a list of choices has {repeated[0]!r} twice. Give each value once."
            )
        if any(isinstance(value, float) and not math.isfinite(value) for value in self.choices):
            raise ToolkitError("a list of choices has a number that is not finite. Remove it.")

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.choices)

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


def _exact(value: int | float) -> Fraction:
    """The decimal number a person wrote, so that three steps of 0.1 are 0.3."""
    return Fraction(repr(value))


def _is_finite(value: int | float) -> bool:
    """Whether a float can hold the number."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


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

    Raises:
        ToolkitError: a range has no step, or there are too many points.
    """
    check_countable(space)
    names = sorted(space)
    columns = [space[name].points() or () for name in names]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*columns)]


def check_countable(space: Space) -> None:
    """Refuse a space whose points `grid` cannot list.

    Raises:
        ToolkitError: a range has no step, or there are too many points.
    """
    for name in sorted(space):
        if space[name].count is None:
            raise ToolkitError(
                f"the sampler `grid` cannot count the values of `{name}`. Give its range a `step`, "
                "list its values under `choices`, or choose another sampler."
            )
    points = math.prod(axis.count or 0 for axis in space.values())
    if points > MOST_POINTS:
        raise ToolkitError(
            f"the sampler `grid` would list {points:,} points, and at most {MOST_POINTS:,} are "
            "taken. Make the steps larger, or choose another sampler."
        )
