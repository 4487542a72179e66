"""From a table of settings records to what params.yaml may say about a row of it.

A row is a frozen dataclass with its limits in annotations. Here it becomes a pydantic model with
the same fields and limits and a `name`; in a grid each field also takes a list of values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Annotated, Any, Literal, Union, get_type_hints

from annotated_types import MinLen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    create_model,
)
from pydantic_core import PydanticCustomError

from toolkit.errors import nearest

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def plain_models(table: Mapping[str, type[Any]]) -> dict[str, type[BaseModel]]:
    """A model a row, every field one value."""
    return {name: _model(name, kind, grid=False) for name, kind in table.items()}


def grid_models(table: Mapping[str, type[Any]]) -> dict[str, type[BaseModel]]:
    """A model a row, every field one value or a list of values."""
    return {name: _model(name, kind, grid=True) for name, kind in table.items()}


def one_of(models: Mapping[str, type[BaseModel]]) -> Any:  # noqa: ANN401 - a type made at run time
    """The type "one of these, told apart by `name`"."""
    kinds = tuple(models.values())
    if len(kinds) == 1:
        return kinds[0]
    return Annotated[Union[kinds], Discriminator("name")]  # noqa: UP007 - the members are not literal


def name_in(kind: str, table: Iterable[str]) -> AfterValidator:
    """Lets a name pass that the table holds, and hints at the nearest one otherwise."""
    known = list(table)

    def check(name: str) -> str:
        if name not in known:
            raise PydanticCustomError(
                "unknown_name",
                "no {kind} has that name. {hint}",
                {"kind": kind, "hint": nearest(name, known)},
            )
        return name

    return AfterValidator(check)


def _model(name: str, kind: type[Any], *, grid: bool) -> type[BaseModel]:
    hints = get_type_hints(kind, include_extras=True)
    made: dict[str, Any] = {"name": (Literal[name], ...)}
    for field in fields(kind):
        value_type: Any = hints[field.name]
        default = ... if field.default is MISSING else field.default
        if grid:
            value_type = Annotated[list[value_type], MinLen(1), BeforeValidator(_listed)]
            default = ... if default is ... else [default]
        made[field.name] = (value_type, Field(default=default))
    return create_model(kind.__name__, __config__=STRICT, **made)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - whatever YAML holds
    return value if isinstance(value, list) else [value]
