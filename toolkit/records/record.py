"""What all records have in common: one rounding rule, one JSON form, one digest, one reader.

A record is a frozen dataclass. Its fields hold numbers, texts, tuples, mappings by name, and parts
that are frozen dataclasses themselves. Numbers have nine significant digits from the moment a
record is made, so that what was written and what is read back are equal.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_json, write_json

JsonObject = Mapping[str, object]  # settings as they stand in JSON; typed on floors above
Upgrade = Callable[[dict[str, object]], dict[str, object]]
R = TypeVar("R", bound="Record")
MAKE_AGAIN = "Run `dvc repro` to make it again."


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


@dataclass(frozen=True, kw_only=True)
class Record(Part):
    """A record with a file of its own."""

    FILE: ClassVar[str]
    SCHEMA: ClassVar[str]
    UPGRADES: ClassVar[Mapping[str, Upgrade]] = {}  # from the schemas of earlier versions

    def to_json(self) -> dict[str, object]:
        """The schema and the fields as JSON holds them; `from_json` reads them back."""
        return {"schema": self.SCHEMA, **super().to_json()}

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON form: 64 hexadecimal digits."""
        return digest_of_json(self.to_json())

    def write(self, folder: Path) -> None:
        """Write the record into its folder, whole or not at all."""
        write_json(folder / self.FILE, self.to_json())

    @classmethod
    def read(cls: type[R], folder: Path, *, remedy: str = MAKE_AGAIN) -> R:
        """The record that lies in a folder.

        Arguments:
            folder: that holds the file `FILE`.
            remedy: the last sentence of the message where it cannot be read.

        Raises:
            ToolkitError: it is missing, no JSON, incomplete, holds values of wrong types, or is of
                a schema that this version of the toolkit does not know.
        """
        return cls.from_json(
            read_object(folder / cls.FILE, remedy=remedy),
            source=str(folder / cls.FILE),
            remedy=remedy,
        )

    @classmethod
    def from_json(
        cls: type[R], value: Mapping[str, object], *, source: str, remedy: str = MAKE_AGAIN
    ) -> R:
        """The record that JSON describes.

        Arguments:
            value: as `to_json` gives it, or as an earlier version of the toolkit wrote it.
            source: where it was found, for messages: a path, or "the record of run 1234".
            remedy: the last sentence of the message.

        Raises:
            ToolkitError: it is incomplete, holds values of wrong types, or is of an unknown schema.
        """
        content = dict(value)
        schema = content.pop("schema", None)
        if schema != cls.SCHEMA:
            if not isinstance(schema, str) or schema not in cls.UPGRADES:
                known = " and ".join([cls.SCHEMA, *cls.UPGRADES])
                raise ToolkitError(
                    f"{source} is of schema {schema!r}, and this version of the toolkit reads "
                    f"{known}. {remedy}"
                )
            try:
                content = cls.UPGRADES[schema](content)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise ToolkitError(f"{source} is damaged: {_lacks(error)}. {remedy}") from error
        try:
            record: R = _part_from_json(cls, content, "")
        except _FieldError as error:
            raise ToolkitError(f"{source} is damaged: {error}. {remedy}") from error
        return record


def read_object(path: Path, *, remedy: str = MAKE_AGAIN) -> dict[str, object]:
    """The JSON object in a file.

    Raises:
        ToolkitError: the file is missing, cannot be read, or holds something else.
    """
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. {remedy}") from error
    except OSError as error:
        raise ToolkitError(
            f"{path} cannot be read ({error.strerror or error}). Give yourself permission to read "
            "it."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ToolkitError(f"{path} is damaged: it is not JSON. {remedy}") from error
    if not isinstance(value, dict):
        raise ToolkitError(f"{path} is damaged: it is not a JSON object. {remedy}")
    return value


class _FieldError(ValueError):
    """A field of a record that is not what its type says."""


_HINTS: dict[type[Any], dict[str, object]] = {}  # by class: reading them takes long


def _hints(kind: type[Any]) -> dict[str, object]:
    if kind not in _HINTS:
        hints = get_type_hints(kind)
        _HINTS[kind] = {field.name: hints[field.name] for field in fields(kind)}
    return _HINTS[kind]


def _lacks(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


def _alternatives(hint: object) -> tuple[Any, ...]:
    """What a field may hold beside null."""
    if get_origin(hint) in (Union, UnionType):
        return tuple(part for part in get_args(hint) if part is not NoneType)
    return (hint,)


def _rounded(hint: object, value: Any) -> Any:  # noqa: ANN401 - a field of any type
    """The value with the numbers rounded that are declared as `float`."""
    (kind, *others) = _alternatives(hint)
    if others or value is None:
        return value
    origin, arguments = get_origin(kind), get_args(kind)
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


def _part_from_json(kind: type[Any], value: Mapping[str, object], path: str) -> Any:  # noqa: ANN401
    hints = _hints(kind)
    unknown = sorted(value.keys() - hints.keys())
    if unknown:
        raise _FieldError(f"it has a field `{path}{unknown[0]}` that no such record has")
    found = {}
    for field in fields(kind):
        if field.name in value:
            hint = hints[field.name]
            found[field.name] = _from_json(hint, value[field.name], path + field.name)
        elif field.default is field.default_factory is MISSING:
            raise _FieldError(f"it lacks `{path}{field.name}`")
    return kind(**found)


def _from_json(hint: object, value: Any, path: str) -> Any:  # noqa: ANN401 - any field
    kinds = _alternatives(hint)
    if value is None and kinds != (hint,):
        return None
    if len(kinds) > 1:
        if type(value) in kinds:
            return value
        raise _FieldError(f"`{path}` is {_shown(value)}")
    (kind,) = kinds
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is object:
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(_from_json(arguments[0], part, f"{path}[{i}]") for i, part in enumerate(value))
    if origin in (Mapping, dict) and isinstance(value, dict):
        return {k: _from_json(arguments[1], part, f"{path}.{k}") for k, part in value.items()}
    if origin is Literal and value in arguments:
        return value
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        return _part_from_json(kind, value, f"{path}.")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is float and number and abs(value) <= sys.float_info.max:
        return float(value)
    if (kind is int and number and isinstance(value, int)) or (
        kind in (str, bool) and type(value) is kind
    ):
        return value
    raise _FieldError(f"`{path}` is {_shown(value)}, and {_expected(kind)} is expected")


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]} ..."


def _expected(kind: object) -> str:
    names: dict[object, str] = {float: "a finite number", int: "a whole number", str: "a text"}
    names |= {bool: "true or false", tuple: "a list"}
    if get_origin(kind) is Literal:
        return " or ".join(repr(name) for name in get_args(kind))
    return names.get(kind, names.get(get_origin(kind), "an object"))
