"""Reading params.yaml: everything that is wrong with it is said at once."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from toolkit.config.mistakes import sentence
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
        mistakes += [sentence(dict(item)) for item in error.errors()]
    mistakes += reference_mistakes(given)
    if mistakes or params is None:
        raise ParamsError(path, mistakes)
    return params


def _load(path: Path) -> Any:  # noqa: ANN401 - whatever YAML holds
    try:
        given = YAML(typ="safe", pure=True).load(path.read_text())
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
