"""What `scores` and `values` of a section say of each other: options of scores, aims of studies."""

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.config.targets import refusal
from toolkit.disentanglement import PRESETS, SCORES
from toolkit.disentanglement.protocol import RENAMED
from toolkit.errors import UnknownNameError, nearest

Part = Mapping[str, Any]


def score_mistakes(at: str, part: Part) -> Iterator[str]:
    """A line for every option that no declared score has, and every aim that cannot be."""
    section = part.get("scores")
    names = _names(section) if isinstance(section, Mapping) else []
    if isinstance(section, Mapping) and isinstance(section.get("options"), Mapping):
        for name, options in section["options"].items():
            if isinstance(options, Mapping):
                yield from _options(f"{at}.scores.options.{name}", str(name), options, names)
    values = part.get("values")
    if isinstance(values, list):
        for place, value in enumerate(values):
            reason = refusal(value, names) if isinstance(value, str) else None
            if reason is not None:
                yield f"{at}.values[{place}] = {value!r}: {reason}"


def _names(section: Part) -> list[str]:
    """Scores that are declared by name or by preset, as far as they exist."""
    given, preset = section.get("names"), section.get("preset")
    published = PRESETS[preset].scores if isinstance(preset, str) and preset in PRESETS else {}
    named = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    return [name for name in [*published, *named] if name in SCORES]


def _options(at: str, name: str, options: Part, names: list[str]) -> Iterator[str]:
    if name not in names:
        yield f"{at} is for a score that is not declared. {nearest(name, names)}"
        return
    kind = SCORES[name].settings
    for option, value in options.items():
        if option in kind.options():
            reason = kind.refusal(option, tuple(value) if isinstance(value, list) else value)
            if reason is not None:
                yield f"{at}.{option} = {value!r}: {reason}."
        elif option in RENAMED.get(name, {}):
            yield f"{at}.{option} is called {RENAMED[name][option]!r} now. Rename it."
        else:
            unknown = UnknownNameError(f"option of the score {name}", str(option), kind.options())
            yield f"{at}.{option}: {unknown}"
