"""Where one of pydantic's locations leads: the path people read, and the settings known there.

The models of the sections are walked from the top, part by part. A location also holds the names
that pydantic gives to the rows of a table and to the arms of a union, which are not in the path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Tag

from toolkit.config.row_models import OneOf
from toolkit.config.sections import Params
from toolkit.errors import shortened

Location = Sequence[str | int]
KEY = "[key]"  # pydantic's mark of a location that is a key itself


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a location leads.

    Arguments:
        path: as people write it: "ensembles.one.objective.beta[0]".
        siblings: the settings that its last part may name.
        why: what a row says about a setting that has to be given; empty for others.
    """

    path: str
    siblings: tuple[str, ...]
    why: str


def place_of(location: Location) -> Place:
    """Where a location leads in the models of params.yaml.

    >>> place_of(("ensembles", "one", "objective", "beta_vae", "beta", 0)).path
    'ensembles.one.objective.beta[0]'
    >>> place_of(("studies", "two", "space", "beta", "Range", "lo")).siblings
    ('low', 'high', 'log', 'step', 'choices')
    """
    annotation: Any = Params
    alternatives: list[Any] = []  # records of a union, of which a tag chose one
    path, why = "", ""
    siblings: tuple[str, ...] = ()
    for part in location:
        arms = _arms(annotation)
        tagged = [arm for tag, arm in arms if tag == part]
        if tagged:
            annotation = tagged[0]
            alternatives = [arm for _, arm in arms] if is_dataclass(annotation) else []
        elif part != KEY:
            models = alternatives or [arm for _, arm in arms]
            siblings = tuple(name for model in models for name in _settings(model))
            if isinstance(part, int):
                path += f"[{part}]"
            else:
                path = f"{path}.{shortened(part)}" if path else shortened(part)
            inside = [found for _, arm in arms for found in _inside(arm, part)]
            annotation, description = inside[0] if inside else (Any, "")
            why = description or why
            alternatives = []
    return Place(path=path, siblings=siblings, why=why)


def _arms(annotation: Any) -> list[tuple[str | None, Any]]:  # noqa: ANN401 - any annotation
    """What an annotation admits, each with the tag that pydantic puts into locations, if any."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return [
            found for arm in get_args(annotation) for found in _arms(arm) if arm is not NoneType
        ]
    if origin is not Annotated:
        return [(None, annotation)]
    inner, *metadata = get_args(annotation)
    for mark in metadata:
        if isinstance(mark, Tag):
            others = tuple(other for other in metadata if other is not mark)
            return [(mark.tag, Annotated[(inner, *others)] if others else inner)]
    for mark in metadata:
        if isinstance(mark, OneOf):
            single = len(mark.models) == 1  # then there is nothing to tell apart, and no tag
            return [(None if single else name, model) for name, model in mark.models.items()]
    return _arms(inner)


def _settings(model: Any) -> list[str]:  # noqa: ANN401 - any annotation
    """Names of the settings of a record."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        return list(model.model_fields)
    return [field.name for field in fields(model)] if is_dataclass(model) else []


def _inside(model: Any, part: str | int) -> list[tuple[Any, str]]:  # noqa: ANN401
    """Annotation and description of a part, where there is one."""
    if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
        field = model.model_fields[str(part)]
        kept = tuple(mark for mark in field.metadata if isinstance(mark, OneOf))
        annotation = Annotated[(field.annotation, *kept)] if kept else field.annotation
        return [(annotation, field.description or "")]
    if isinstance(model, type) and is_dataclass(model):
        hints = get_type_hints(model, include_extras=True)
        return [(hints[str(part)], "")] if part in hints else []
    if get_origin(model) in (list, tuple):
        return [(get_args(model)[0], "")]
    if get_origin(model) in (dict, Mapping):
        return [(get_args(model)[1], "")]
    return []
