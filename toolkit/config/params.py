"""Reading params.yaml: everything that is wrong with it is said at once."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from toolkit.config.messages import sentence
from toolkit.config.references import reference_mistakes
from toolkit.config.sections import Params
from toolkit.errors import ToolkitError


class ParamsError(ToolkitError):
    """params.yaml is wrong; the message lists every mistake with its path."""

    def __init__(self, path: Path, mistakes: list[str]) -> None:
        head = f"{path} has {len(mistakes)} mistake{'s' * (len(mistakes) > 1)}; nothing was done."
        super().__init__("\n".join([head, *(f"  {mistake}" for mistake in mistakes)]))
        self.mistakes = mistakes


def read_params(path: Path) -> Params:
    """The declaration of everything that `dvc repro` builds.

    Raises:
        ParamsError: with all mistakes: path, value, what is allowed, nearest known name.
        ToolkitError: the file is missing or no YAML.
    """
    given = _load(path)
    mistakes: list[str] = []
    params = None
    try:
        params = Params.model_validate_json(json.dumps(given))
    except ValidationError as error:
        mistakes += [sentence(dict(item)) for item in _causes(error)]
    mistakes += reference_mistakes(given)
    if mistakes or params is None:
        raise ParamsError(path, mistakes)
    return params


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """All mistakes but those that follow from others: a list is no shorter for a wrong item."""
    found = error.errors()
    return [
        one
        for one in found
        if one["type"] != "too_short"
        or not any(
            len(other["loc"]) > len(one["loc"]) and other["loc"][: len(one["loc"])] == one["loc"]
            for other in found
        )
    ]


def _load(path: Path) -> Any:  # noqa: ANN401 - whatever YAML holds
    try:
        given = YAML(typ="safe", pure=True).load(path.read_text())
        given = {} if given is None else given
    except FileNotFoundError as error:
        raise ToolkitError(
            f"{path} is missing. Run this in the project's root, or put an experiment in place: "
            "`toolkit experiment NAME`."
        ) from error
    except OSError as error:
        raise ToolkitError(f"{path} cannot be read ({error.strerror}).") from error
    except YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f" in line {place.line + 1}" if place is not None else ""
        problem = getattr(error, "problem", None) or "unreadable"
        raise ToolkitError(f"{path} is no YAML{line}: {problem}. Mend that line.") from error
    unfit = next(_unfit(given, ""), None)
    if unfit is not None:
        raise ToolkitError(f"{path}: {unfit} is no text, number, list or table. Put it in quotes.")
    return given


def _unfit(value: Any, at: str) -> Iterator[str]:  # noqa: ANN401
    """Paths of values that JSON does not know, as dates are."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _unfit(part, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _unfit(part, f"{at}[{position}]")
    elif not isinstance(value, str | int | float | bool | None):
        yield at
