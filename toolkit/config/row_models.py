"""From a table of settings records to what params.yaml may say about a row of it.

A row is a frozen dataclass with its limits in annotations. Here it becomes a pydantic model with
the same fields and limits and a `name`; in a grid each field also takes a list of values. Where a
weight may have a schedule, a mapping with a `schedule` takes the place of the number. A field that
is a settings record itself becomes a model without a name.
"""

import itertools
import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_type_hints

from annotated_types import MinLen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    Tag,
    TypeAdapter,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema

from toolkit.errors import nearest
from toolkit.objectives import SCHEDULES, Schedule
from toolkit.tables import admits_row, from_fields, from_json

T = TypeVar("T", bound=Hashable)
MOST_POINTS = 1_000  # of a grid
STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def plain_models(table: Mapping[str, type[Any]]) -> dict[str, type[BaseModel]]:
    """A model per row, every field one value."""
    return {name: _model(name, kind, grid=False) for name, kind in table.items()}


def grid_models(table: Mapping[str, type[Any]]) -> dict[str, type[BaseModel]]:
    """A model per row, every field one value or a list of values."""
    return {name: _model(name, kind, grid=True) for name, kind in table.items()}


@dataclass(frozen=True, eq=False)
class OneOf:
    """Annotation of a field that holds a row of a table.

    Arguments:
        models: of the rows, by name.
        by: the setting that holds the name.
    """

    models: Mapping[str, type[BaseModel]]
    by: str = "name"

    def __get_pydantic_core_schema__(
        self, _: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        kinds = tuple(self.models.values())
        if len(kinds) == 1:
            return handler.generate_schema(kinds[0])
        union: Any = Annotated[Union[kinds], Discriminator(self.by)]  # noqa: UP007 - not literal
        return handler.generate_schema(union)


def first_repeated(values: Iterable[T]) -> T | None:
    """The first value that was there before, or none.

    >>> first_repeated([3, 1, 3, 1])
    3
    """
    seen: set[T] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


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


def _model(
    name: str | None, kind: type[Any], *, grid: bool = False, called: str = "name"
) -> type[BaseModel]:
    hints = get_type_hints(kind, include_extras=True)
    settings: dict[str, Any] = {} if name is None else {called: (Literal[name], ...)}
    for field in fields(kind):
        value_type: Any = hints[field.name]
        if admits_row(value_type):
            value_type = _scheduled(value_type)
        if is_dataclass(value_type):
            value_type = _model(None, hints[field.name])
        default = ... if field.default is MISSING else field.default
        if grid:
            value_type = Annotated[list[value_type], MinLen(1), BeforeValidator(_listed)]
            default = ... if default is ... else [default]
        why = field.metadata.get("why")
        settings[field.name] = (value_type, Field(default=default, description=why))
    checks = {"built": _built(kind, called)} if grid or hasattr(kind, "__post_init__") else {}
    return create_model(kind.__name__, __config__=STRICT, __validators__=checks, **settings)


def _built(kind: type[Any], called: str) -> Any:  # noqa: ANN401 - what pydantic makes of a validator
    """Lets a row that checks itself do so before any work, at every point of a grid."""

    def check(model: BaseModel) -> BaseModel:
        settings = model.model_dump(exclude={called})
        axes = [_listed(value) for value in settings.values()]
        points = math.prod(len(axis) for axis in axes)
        if points > MOST_POINTS:
            raise ValueError(
                f"the grid has {points:,} points, and at most {MOST_POINTS:,} are taken. "
                "List fewer values"
            )
        if hasattr(kind, "__post_init__"):
            for point in itertools.product(*axes):
                from_fields(kind.__name__, kind, dict(zip(settings, point, strict=True)))
        return model

    return model_validator(mode="after")(check)


SCHEDULE_MODELS = {name: _model(name, kind, called="schedule") for name, kind in SCHEDULES.items()}


def _scheduled(hint: Any) -> Any:  # noqa: ANN401 - a type made at run time
    """A number within its limits, or a schedule whose ends are."""
    (number,) = (part for part in get_args(hint) if part is not Schedule)
    limits = TypeAdapter(number)

    def check(model: BaseModel) -> BaseModel:
        for end in from_json("schedule", SCHEDULES, dict(model), tag="schedule").ends:
            try:
                limits.validate_python(end)
            except ValidationError as error:
                reason = error.errors()[0]["msg"].removeprefix("Input ")
                raise ValueError(f"its values reach {end:g}, and each {reason}") from error
        return model

    schedule: Any = Annotated[Any, OneOf(SCHEDULE_MODELS, by="schedule"), AfterValidator(check)]
    return Annotated[
        Annotated[number, Tag("Number")] | Annotated[schedule, Tag("Schedule")],
        Discriminator(
            lambda value: "Schedule" if isinstance(value, Mapping | BaseModel) else "Number"
        ),
    ]


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - whatever YAML holds
    return value if isinstance(value, list) else [value]
