"""One mistake in params.yaml as one line: path, value, what is allowed, nearest known name."""

from collections.abc import Mapping
from typing import Any

from toolkit.config.places import KEY, place_of
from toolkit.config.renamed import renamed_hint
from toolkit.errors import nearest, shortened

NAMES = "Use letters, digits, '_' and '-', a letter or digit first; '.' separates names in DVC."


def sentence(error: Mapping[str, Any]) -> str:
    """A line about one of pydantic's errors."""
    location, kind, context = tuple(error["loc"]), error["type"], error.get("ctx", {})
    place = place_of(location)
    path = place.path or "the whole file"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        name = str(location[-1])
        hint = renamed_hint(place_of(location[:-1]).path, name)
        return hint or f"{path} is not a setting. {nearest(name, place.siblings)}"
    if kind == "missing":
        return f"{path} is missing. {place.why or 'Give it a value.'}"
    if kind == "union_tag_invalid":
        names = _names(context["expected_tags"])
        by = context["discriminator"].strip("'")
        name = error["input"][by]
        return f"{path}.{by} = {_short(name)} is unknown. {nearest(shortened(str(name)), names)}"
    if kind == "union_tag_not_found":
        by = context["discriminator"].strip("'")
        if isinstance(error["input"], Mapping) and by in error["input"]:
            return f"{path}.{by} = {_short(error['input'][by])}: should be a name. Give one."
        return f"{path}.{by} is missing. Give the name of a row."
    if kind == "unknown_name":
        return f"{path} = {_short(error['input'])}: {error['msg']}"
    if kind == "literal_error" and isinstance(error["input"], str):
        names = _names(context["expected"].replace(" or ", ","))
        return f"{path} = {_short(error['input'])} is unknown. {nearest(error['input'], names)}"
    if location and location[-1] == KEY and kind == "string_too_long":
        return f"{path} is a name of more than {context['max_length']} letters. Use a shorter one."
    if location and location[-1] == KEY:
        return f"{path} is not a valid name. {NAMES}"
    reason = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    shown = f"{path} = {_short(error['input'])}"
    return f"{shown}: {reason[0].lower()}{reason[1:].rstrip('.')}. {place.why}".rstrip()


def _names(listed: str) -> list[str]:
    """The names in one of pydantic's lists: "'nmi', 'vi'"."""
    return [name.strip(" '") for name in listed.split(",")]


def _short(value: object) -> str:
    return shortened(repr(value))
