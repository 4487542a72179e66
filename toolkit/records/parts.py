"""Parts of records: one rounding rule, one JSON form, and one reader that names a wrong field.

Fields hold numbers, texts, tuples, mappings by name, and parts that are frozen dataclasses
themselves. Numbers have nine significant digits from the moment a part is made, so that what was
written and what is read back are equal.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def rounded(value: float) -> float:
    """The number with nine significant digits, as every record keeps it.

    >>> rounded(2 / 3), rounded(123456.7890123)
    (0.666666667, 123456.789)
    """
    return float(f"{value:.9g}")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a record; its numbers are rounded when it is made."""

    def __post_init__(self) -> None:
        for name, hint in _hints(type(self)).items():
            object.__setattr__(self, name, _rounded(hint, getattr(self, name)))

    def to_json(self) -> dict[str, object]:
        """The fields as JSON holds them."""
        return {name: _to_json(getattr(self, name)) for name in _hints(type(self))}


class FieldError(ValueError):
    """A field of a record that is not what its type says."""


_HINTS: dict[type[Any], dict[str, object]] = {}  # by class: reading them takes long


def _hints(kind: type[Any]) -> dict[str, object]:
    if kind not in _HINTS:
        hints = get_type_hints(kind)
        _HINTS[kind] = {field.name: hints[field.name] for field in fields(kind)}
    return _HINTS[kind]


@cache
def _alternatives(hint: object) -> tuple[Any, ...]:
    """What a field may hold beside null."""
    if get_origin(hint) in (Union, UnionType):
        return tuple(part for part in get_args(hint) if part is not NoneType)
    return (hint,)


@cache
def _generic(kind: object) -> tuple[object, tuple[Any, ...]]:
    """Origin and arguments of an annotation; `typing` takes as long for them as reading a field."""
    return get_origin(kind), get_args(kind)


def _rounded(hint: object, value: Any) -> Any:  # noqa: ANN401 - a field of any type
    """The value with the numbers rounded that are declared as `float`."""
    (kind, *others) = _alternatives(hint)
    if others or value is None:
        return value
    origin, arguments = _generic(kind)
    if kind is float:
        return rounded(value)
    if origin is tuple:
        return tuple(_rounded(arguments[0], part) for part in value)
    if origin is Mapping and arguments[1] is not object:
        return {name: _rounded(arguments[1], part) for name, part in value.items()}
    return value


def _to_json(value: object) -> object:
    if isinstance(value, Part):
        return value.to_json()
    if isinstance(value, tuple | list):
        return [_to_json(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _to_json(part) for name, part in value.items()}
    return value


def part_from_json(kind: type[Any], value: Mapping[str, object], path: str) -> Any:  # noqa: ANN401
    hints = _hints(kind)
    unknown = sorted(value.keys() - hints.keys())
    if unknown:
        raise FieldError(f"it has a field `{path}{unknown[0]}` that no such record has")
    found = {}
    for field in fields(kind):
        if field.name in value:
            hint = hints[field.name]
            found[field.name] = _from_json(hint, value[field.name], path + field.name)
        elif field.default is field.default_factory is MISSING:
            raise FieldError(f"it lacks `{path}{field.name}`")
    return kind(**found)


def _from_json(hint: object, value: Any, path: str) -> Any:  # noqa: ANN401 - any field
    kinds = _alternatives(hint)
    if value is None and NoneType in _generic(hint)[1]:
        return None
    if len(kinds) > 1:
        if type(value) in kinds:
            return value
        raise FieldError(f"`{path}` is {_shown(value)}")
    (kind,) = kinds
    origin, arguments = _generic(kind)
    if kind is object:
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(_from_json(arguments[0], part, f"{path}[{i}]") for i, part in enumerate(value))
    if origin in (Mapping, dict) and isinstance(value, dict):
        return {k: _from_json(arguments[1], part, f"{path}.{k}") for k, part in value.items()}
    if origin is Literal and value in arguments:
        return value
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        return part_from_json(kind, value, f"{path}.")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is float and number and abs(value) <= sys.float_info.max:
        return float(value)
    if (kind is int and number and isinstance(value, int)) or (
        kind in (str, bool) and type(value) is kind
    ):
        return value
    raise FieldError(f"`{path}` is {_shown(value)}, and {_expected(kind)} is expected")


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]} ..."


def _expected(kind: object) -> str:
    names: dict[object, str] = {float: "a finite number", int: "a whole number", str: "a text"}
    names |= {bool: "true or false", tuple: "a list"}
    if get_origin(kind) is Literal:
        return " or ".join(repr(name) for name in get_args(kind))
    return names.get(kind, names.get(get_origin(kind), "an object"))
