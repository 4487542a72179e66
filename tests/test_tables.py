from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar

import pytest
from annotated_types import Ge

from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.tables import NestedRow, admits_row, from_json, require, to_json


@dataclass(frozen=True, kw_only=True)
class Curve(NestedRow):
    TAG: ClassVar[str] = "curve"

    height: float = 1.0

    @classmethod
    def table(cls) -> Mapping[str, type["Curve"]]:
        return {"curve": Curve, "steep": Steep}


@dataclass(frozen=True, kw_only=True)
class Steep(Curve):
    steps: int


@dataclass(frozen=True, kw_only=True)
class Size:
    width: float
    count: int = 2


@dataclass(frozen=True, kw_only=True)
class Plain:
    weight: Annotated[float, Ge(0)] | Curve
    size: Size = field(default_factory=lambda: Size(width=3.0))
    clip: float = 0.5
    word: str = "a"
    bound: float | None = None

    def __post_init__(self) -> None:
        if self.clip < 0:
            raise ToolkitError("`clip` is below 0. Raise it.")


@dataclass(frozen=True, kw_only=True)
class Other:
    pass


ROWS: dict[str, type[Any]] = {"plain": Plain, "other": Other}
WHOLE = Plain(weight=2.0)
PLAIN = {
    "name": "plain",
    "weight": 2.0,
    "size": {"width": 3.0, "count": 2},
    "clip": 0.5,
    "word": "a",
    "bound": None,
}


@pytest.mark.parametrize(
    ("value", "json"),
    [
        pytest.param(WHOLE, PLAIN, id="defaults"),
        pytest.param(Other(), {"name": "other"}, id="no settings"),
        pytest.param(
            replace(WHOLE, weight=Steep(height=4.0, steps=7), size=Size(width=1.5, count=9)),
            {
                **PLAIN,
                "weight": {"curve": "steep", "height": 4.0, "steps": 7},
                "size": {"width": 1.5, "count": 9},
            },
            id="nested row",
        ),
    ],
)
def test_a_row_comes_back_from_its_json(value: object, json: dict[str, Any]) -> None:
    assert to_json(ROWS, value) == json
    assert list(to_json(ROWS, value)) == list(json)
    assert from_json("thing", ROWS, json) == value


def test_what_is_left_out_has_its_default() -> None:
    assert from_json("thing", ROWS, {"name": "plain", "weight": 2.0}) == WHOLE


@pytest.mark.usefixtures("unchecked")
def test_whole_numbers_become_floats_where_a_field_is_one() -> None:
    json = to_json(ROWS, Plain(weight=2, size=Size(width=3, count=2), clip=1))
    assert [type(json[name]) for name in ("weight", "clip")] == [float, float]
    assert [type(number) for number in json["size"].values()] == [float, int]
    nested = to_json(ROWS, Plain(weight=Steep(height=1, steps=2)))["weight"]
    assert [type(number) for number in nested.values()] == [str, float, int]


def test_an_annotation_tells_whether_a_row_may_take_the_place_of_a_number() -> None:
    assert admits_row(float | Curve)
    assert admits_row(Annotated[float, Ge(0)] | Steep)
    assert not any(admits_row(hint) for hint in (float, float | None, Size, Annotated[float, 0]))


@pytest.mark.parametrize(
    ("json", "sentence"),
    [
        (
            {"name": "plian", "weight": 1.0},
            "no thing is called 'plian'. Did you mean 'plain'?",
        ),
        ({"weight": 1.0}, "no thing is called 'None'. Known: other, plain."),
        (
            {"name": "plain", "wieght": 1.0},
            "no setting of the thing 'plain' is called 'wieght'. Did you mean 'weight'?",
        ),
        (
            {"name": "plain", "word": "b"},
            "the thing 'plain' lacks its setting `weight`. Give it a value.",
        ),
        (
            {"name": "plain", "weight": {"curve": "step"}},
            "no curve is called 'step'. Did you mean 'steep'?",
        ),
        (
            {"name": "plain", "weight": {"curve": "steep"}},
            "the curve 'steep' lacks its setting `steps`. Give it a value.",
        ),
        (
            {"name": "plain", "weight": 1.0, "size": {"count": 3}},
            "the `size` of the thing 'plain' lacks its setting `width`. Give it a value.",
        ),
        (
            {"name": "plain", "weight": 1.0, "clip": {"curve": "curve"}},
            "the `clip` of the thing 'plain' holds settings by name, and takes a single value. "
            "Give it one.",
        ),
        (
            {"name": "plain", "weight": 1.0, "clip": -1.0},
            "`clip` is below 0. Raise it.",
        ),
    ],
)
def test_json_that_does_not_fit_is_refused(json: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        from_json("thing", ROWS, json)
    assert str(caught.value) == sentence


def test_a_value_outside_the_table_has_no_json() -> None:
    with pytest.raises(ToolkitError) as caught:
        to_json(ROWS, Size(width=1.0))
    assert str(caught.value) == (
        "Size is not in the table that holds other, plain. "
        "Add it there, so that its members can be recorded."
    )


def test_a_name_that_a_table_lacks_is_refused() -> None:
    assert require("thing", "plain", ROWS) == "plain"
    with pytest.raises(UnknownNameError) as caught:
        require("thing", "othr", ROWS)
    assert str(caught.value) == "no thing is called 'othr'. Did you mean 'other'?"
