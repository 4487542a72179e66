"""What may be declared as a space, what is refused, and what its values are."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from toolkit.config.space import Choices, Range, Space, grid, space_digest, space_record
from toolkit.errors import ToolkitError

REFUSED_RANGES = {
    "a range is empty (low 2, high 2). Make `low` smaller than `high`.": {"low": 2, "high": 2},
    "a range has ends that are not finite (low 0, high inf). Give two numbers.": {
        "low": 0,
        "high": math.inf,
    },
    "a log-scaled range cannot start at or below zero (low 0, high 4, log). "
    "Raise `low` above 0, or drop `log`.": {"low": 0, "high": 4, "log": True},
    "a range has both `log` and `step` (low 1, high 4, step 1). "
    "Keep one of them, or list the values under `choices`.": {
        "low": 1,
        "high": 4,
        "log": True,
        "step": 1,
    },
    "a range has a step that is not a positive number (low 1, high 4, step 0). "
    "Give the distance between neighbouring values.": {"low": 1, "high": 4, "step": 0},
    "a range does not end on one of its steps (low 0, high 1, step 0.3). "
    "Choose a step that divides `high` - `low`.": {"low": 0, "high": 1, "step": 0.3},
}


@pytest.mark.parametrize("sentence", REFUSED_RANGES)
def test_an_impossible_range_is_refused_with_a_sentence(sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        Range(**REFUSED_RANGES[sentence])
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ((), "a list of choices is empty. Give at least one value."),
        (("mlp", 1.5, "mlp"), "a list of choices has 'mlp' twice. Give each value once."),
        ((1.0, math.nan), "a list of choices has a number that is not finite. Remove it."),
    ],
)
def test_an_impossible_list_of_choices_is_refused_with_a_sentence(
    choices: tuple[Any, ...], sentence: str
) -> None:
    with pytest.raises(ToolkitError) as caught:
        Choices(choices=choices)
    assert str(caught.value) == sentence


def test_a_table_from_a_file_becomes_a_space() -> None:
    given = {
        "beta": {"low": 1, "high": 16, "log": True},
        "width": {"low": 8, "high": 32, "step": 8},
        "network": {"choices": ["mlp", "burgess"]},
    }
    space = TypeAdapter(dict[str, Range | Choices]).validate_python(given)
    assert space == {
        "beta": Range(low=1.0, high=16.0, log=True),
        "width": Range(low=8, high=32, step=8),
        "network": Choices(choices=("mlp", "burgess")),
    }


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"low": 1, "high": 4, "lgo": True}, ("lgo",)),
        ({"low": 1}, ("high",)),
        ({"low": 1, "high": 4, "step": -1}, ("step",)),
        ({"low": 4, "high": 1}, ()),
    ],
)
def test_a_mistake_in_a_table_is_placed(table: dict[str, Any], place: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Range).validate_python(table)
    assert [mistake["loc"] for mistake in caught.value.errors()] == [place]


def test_three_whole_numbers_make_whole_values_and_anything_else_real_ones() -> None:
    assert Range(low=4, high=12, step=4).points() == (4, 8, 12)
    assert all(type(value) is int for value in Range(low=4, high=12, step=4).points() or ())
    assert Range(low=4, high=12, step=4.0).points() == (4.0, 8.0, 12.0)
    assert all(type(value) is float for value in Range(low=4, high=12, step=4.0).points() or ())
    assert Range(low=1, high=2) == Range(low=1.0, high=2.0)
    assert space_digest({"b": Range(low=1, high=2)}) == space_digest(
        {"b": Range(low=1.0, high=2.0)}
    )


def test_steps_are_the_decimals_a_person_means() -> None:
    assert Range(low=0.1, high=0.7, step=0.2).points() == (0.1, 0.3, 0.5, 0.7)


@given(low=st.floats(0.01, 10.0), times=st.floats(1.01, 1e4), fraction=st.floats(0, 1))
def test_fractions_of_a_log_range_are_equal_ratios(
    low: float, times: float, fraction: float
) -> None:
    value = Range(low=low, high=low * times, log=True).at(fraction)
    assert low <= float(value) <= low * times
    assert math.log(float(value) / low) / math.log(times) == pytest.approx(fraction, abs=1e-3)


@given(fraction=st.floats(0, 1, exclude_max=True))
def test_fractions_of_counted_values_are_equal_shares(fraction: float) -> None:
    place = math.floor(fraction * 3)
    assert Range(low=4, high=12, step=4).at(fraction) == (4, 8, 12)[place]
    assert Choices(choices=("a", "b", "c")).at(fraction) == "abc"[place]


@pytest.mark.parametrize(
    ("axis", "value", "tidy"),
    [
        (Range(low=0.1, high=4.0), 0.10000000000000002, 0.1),
        (Range(low=0.1, high=4.0), 4.0000001, 4.0),
        (Range(low=1.23456789, high=4.0), 1.2345679, 1.23457),
        (Range(low=1.23456711, high=4.0), 1.2345672, 1.23457),
        (Range(low=1.23456189, high=4.0), 1.2345619, 1.23456189),
        (Range(low=0.0, high=0.3, step=0.1), 0.30000000000000004, 0.3),
        (Choices(choices=("a", "b")), "b", "b"),
    ],
)
def test_recorded_values_are_short_and_inside_the_range(
    axis: Range | Choices, value: float | str, tidy: float | str
) -> None:
    assert axis.tidy(value) == tidy


def test_a_grid_lists_every_point_once_in_an_order_that_ignores_the_table() -> None:
    space: Space = {"c": Range(low=0, high=2, step=1), "a": Choices(choices=(True, False))}
    points = grid(space)
    assert points == [{"a": a, "c": c} for a in (True, False) for c in (0, 1, 2)]
    assert grid(dict(reversed(space.items()))) == points


def test_a_grid_over_real_numbers_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        grid({"beta": Range(low=1, high=4)})
    assert str(caught.value) == (
        "the sampler `grid` cannot count the values of `beta`. Give its range a `step`, "
        "list its values under `choices`, or choose another sampler."
    )


def test_the_digest_changes_with_every_field_and_not_with_the_order() -> None:
    beta = {"low": 1.0, "high": 4.0}
    spaces: list[Space] = [
        {"beta": Range(**beta), "c": Choices(choices=(1, 2))},
        {"beta": Range(**beta), "c": Choices(choices=(2, 1))},
        {"gamma": Range(**beta), "c": Choices(choices=(1, 2))},
        {"beta": Range(**beta, log=True), "c": Choices(choices=(1, 2))},
        {"beta": Range(**beta, step=1.5), "c": Choices(choices=(1, 2))},
        {"beta": Range(low=1.0, high=5.0), "c": Choices(choices=(1, 2))},
    ]
    assert len({space_digest(space) for space in spaces}) == len(spaces)
    assert space_digest(dict(reversed(spaces[0].items()))) == space_digest(spaces[0])
    assert list(space_record(spaces[0])) == ["beta", "c"]
