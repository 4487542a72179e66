"""Reading params.yaml: everything that is wrong with it is said at once."""

import json
from itertools import chain, islice
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from toolkit.config.messages import sentence
from toolkit.config.references import reference_mistakes
from toolkit.config.sections import Params
from toolkit.errors import ToolkitError
from toolkit.yaml_file import read_yaml

MOST_LINES = 50  # mistakes that a message lists


class ParamsError(ToolkitError):
    """params.yaml is wrong; the message lists every mistake with its path, up to fifty."""

    def __init__(self, path: Path, mistakes: list[str]) -> None:
        lines, count = mistakes[:MOST_LINES], str(len(mistakes))
        if len(mistakes) > MOST_LINES:
            count = f"more than {MOST_LINES}"
            lines.append("... Correct these first.")
        head = f"{path} has {count} mistake{'s' * (len(mistakes) > 1)}; nothing was done."
        super().__init__("\n".join([head, *(f"  {line}" for line in lines)]))
        self.mistakes = mistakes


def read_params(path: Path) -> Params:
    """The declaration of everything that `dvc repro` builds.

    Raises:
        ParamsError: with all mistakes: path, value, what is allowed, nearest known name.
        ToolkitError: the file is missing, too large, or not YAML.
    """
    content = read_yaml(path)
    if content.mistakes:
        raise ParamsError(path, content.mistakes)
    params, errors = None, list[ErrorDetails]()
    try:
        params = Params.model_validate_json(json.dumps(content.value))
    except ValidationError as error:
        errors = _causes(error)
    # Only a section that is absent is empty to DVC
    sections = content.value if isinstance(content.value, dict) else {}
    empty_sections = (
        f"{name} is empty, and DVC stops at that. Write `{name}: {{}}`, or remove it."
        for name in Params.model_fields
        if name in sections and sections[name] is None
    )
    found = chain(
        empty_sections,
        (sentence(dict(error)) for error in errors),
        reference_mistakes(content.value),
    )
    mistakes = list(islice(found, MOST_LINES + 1))
    if mistakes or params is None:
        raise ParamsError(path, mistakes)
    return params


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """All mistakes but those that follow from others.

    A list is not too short where one of its items is wrong, and a section without a value is told
    by its own sentence.
    """
    errors = error.errors()
    around = {item["loc"][:end] for item in errors for end in range(len(item["loc"]))}
    return [
        item
        for item in errors
        if not (item["type"] == "too_short" and item["loc"] in around)
        and not (item["input"] is None and len(item["loc"]) == 1 and item["type"] == "dict_type")
    ]
