"""One converter between settings that stand in a table under a name, and JSON.

A table maps names to frozen dataclasses. The JSON form of a row is its name and its fields:
`{"name": "beta_vae", "beta": 4.0}`. A field may hold settings itself: a row of a table of its own,
such as the schedule of a weight, `{"schedule": "linear", ...}`; or a dataclass without a name.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, ClassVar, TypeVar, get_args, get_type_hints

from toolkit.errors import ToolkitError, UnknownNameError

T = TypeVar("T")


class NestedRow(ABC):
    """A row that a field of other settings may hold; it knows the table in which it stands."""

    TAG: ClassVar[str]  # what holds the name of the row in JSON

    @classmethod
    @abstractmethod
    def table(cls) -> Mapping[str, type["NestedRow"]]:
        """The table of this kind of row."""
        ...


def require(kind: str, name: str, table: Mapping[str, object]) -> str:
    """`name`, if the table holds it.

    >>> require("network", "mlp", {"burgess": None, "mlp": None})
    'mlp'

    Arguments:
        kind: what the rows of the table are, for the message: "network".
        name: of the row.
        table: whose keys are the names.

    Raises:
        UnknownNameError: the table does not hold it.
    """
    if name not in table:
        raise UnknownNameError(kind, name, table)
    return name


def to_json(
    table: Mapping[str, type[Any]],
    value: Any,  # noqa: ANN401 - a row of any table
    *,
    tag: str = "name",
) -> dict[str, object]:
    """A row as its name and its fields, in their order; `from_json` reads it back.

    Whole numbers become floats where the field is one, so that equal settings have one form.

    Arguments:
        table: that the row stands in.
        value: the row.
        tag: what holds its name.

    Raises:
        ToolkitError: the table does not hold it.
    """
    names = [name for name, kind in table.items() if kind is type(value)]
    if not names:
        raise ToolkitError(
            f"{type(value).__name__} is not in the table that holds {', '.join(sorted(table))}. "
            "Add it there, so that its members can be recorded."
        )
    return {tag: names[0], **_fields_to_json(value)}


def from_json(
    kind: str, table: Mapping[str, type[T]], value: Mapping[str, object], *, tag: str = "name"
) -> T:
    """The row that JSON or params.yaml describes.

    Arguments:
        kind: what the rows of the table are, for messages: "objective".
        table: from names to dataclasses.
        value: name and fields; a field that is left out has its default.
        tag: what holds the name.

    Raises:
        UnknownNameError: the table holds no row of that name, or the row no field of one.
        ToolkitError: a field without a default is missing, or the row refuses its settings.
    """
    settings = dict(value)
    name = require(kind, str(settings.pop(tag, None)), table)
    return from_fields(f"{kind} {name!r}", table[name], settings)


def from_fields(what: str, kind: type[T], settings: Mapping[str, object]) -> T:
    """The dataclass with these settings, in JSON's form.

    Arguments:
        what: the dataclass in words, for messages: "objective 'beta_vae'".
        kind: the dataclass.
        settings: fields by name; one that is left out has its default.

    Raises:
        UnknownNameError: there is no field of a name.
        ToolkitError: a field without a default is missing, or the settings are refused.
    """
    known: dict[str, Field[object]] = {
        field.name: field
        for field in fields(kind)  # type: ignore[arg-type]
    }
    for name in settings:
        require(f"setting of the {what}", name, known)
    for name, field in known.items():
        if name not in settings and field.default is field.default_factory is MISSING:
            raise ToolkitError(f"the {what} lacks its setting `{name}`. Give it a value.")
    hints = get_type_hints(kind)
    values = {}
    for name, value in settings.items():
        values[name] = value
        if isinstance(value, Mapping):
            values[name] = _from_json(f"`{name}` of the {what}", hints[name], value)
    return kind(**values)


def admits_row(hint: Any) -> bool:  # noqa: ANN401 - any annotation
    """Whether an annotation admits the row of a table in place of a number."""
    return any(isinstance(part, type) and issubclass(part, NestedRow) for part in get_args(hint))


def _fields_to_json(value: Any) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    hints = get_type_hints(type(value))
    return {
        field.name: _to_json(getattr(value, field.name), hints[field.name])
        for field in fields(value)
    }


def _to_json(value: Any, hint: Any) -> Any:  # noqa: ANN401 - whatever a field may hold
    if isinstance(value, NestedRow):
        return to_json(value.table(), value, tag=value.TAG)
    if is_dataclass(value):
        return _fields_to_json(value)
    return float(value) if hint is float or admits_row(hint) else value


def _from_json(what: str, hint: Any, value: Mapping[str, object]) -> Any:  # noqa: ANN401
    for part in (hint, *get_args(hint)):
        if isinstance(part, type) and issubclass(part, NestedRow):
            return from_json(part.TAG, part.table(), value, tag=part.TAG)
        if is_dataclass(part) and isinstance(part, type):
            return from_fields(what, part, value)
    raise ToolkitError(f"the {what} holds settings by name, and takes a single value. Give it one.")
