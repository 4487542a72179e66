"""What one section of params.yaml says of another: names that must exist, weights that must fit.

It looks at the file as it was read, so that these mistakes are told together with all the others.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from toolkit.config.score_references import score_mistakes
from toolkit.config.sections import OBJECTIVE_ROWS
from toolkit.data import DATASETS
from toolkit.data.source import build_options
from toolkit.errors import ToolkitError, nearest


def reference_mistakes(given: Any) -> list[str]:  # noqa: ANN401 - whatever YAML holds
    """A line for every name that is not there and every option or range that cannot be."""
    return [
        *_nothing(given),
        *_unknown_data(given),
        *_options(given),
        *_spaces(given),
        *(
            mistake
            for kind in ("ensembles", "studies")
            for name, part in _section(given, kind).items()
            for mistake in score_mistakes(f"{kind}.{name}", part)
        ),
    ]


def _nothing(given: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(given, Mapping) and not any(given.values()):
        yield (
            "nothing is declared. Give a data set under `data` and an ensemble under `ensembles`, "
            "or put an experiment in place: `toolkit experiment` lists them."
        )


def _section(given: Any, name: str) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    section = given.get(name) if isinstance(given, Mapping) else None
    if not isinstance(section, Mapping):
        return {}
    return {str(key): dict(part) for key, part in section.items() if isinstance(part, Mapping)}


def _unknown_data(given: Any) -> Iterator[str]:  # noqa: ANN401
    known = _section(given, "data")
    for section in ("ensembles", "studies"):
        for name, part in _section(given, section).items():
            data = part.get("data")
            if isinstance(data, str) and data not in known:
                hint = nearest(data, known)
                yield f"{section}.{name}.data = {data!r} is no data set of this file. {hint}"


def _options(given: Any) -> Iterator[str]:  # noqa: ANN401
    for name, part in _section(given, "data").items():
        source, options = part.get("source"), part.get("options", {})
        if source in DATASETS and isinstance(options, Mapping):
            yield from _refused_options(f"data.{name}.options", source, options)


def _refused_options(at: str, source: str, options: Mapping[Any, Any]) -> list[str]:
    """What is wrong with options that cannot be together: each by itself, or else all at once."""
    given = {str(key): value for key, value in options.items()}
    whole = _refusal(source, given)
    if whole is None:
        return []
    alone = {key: _refusal(source, {key: value}) for key, value in given.items()}
    lines = [f"{at}.{key} = {given[key]!r}: {why}" for key, why in alone.items() if why]
    return lines or [f"{at} = {given}: {whole}"]


def _refusal(source: str, options: dict[str, Any]) -> str | None:
    try:
        build_options(DATASETS[source], source, options)
    except ToolkitError as error:
        return str(error)
    return None


def _spaces(given: Any) -> Iterator[str]:  # noqa: ANN401
    for name, part in _section(given, "studies").items():
        objective, space = part.get("objective"), part.get("space")
        kind = objective.get("name") if isinstance(objective, Mapping) else None
        if kind not in OBJECTIVE_ROWS or not isinstance(space, Mapping):
            continue
        known = [weight for weight in OBJECTIVE_ROWS[kind].model_fields if weight != "name"]
        for weight, axis in space.items():
            at = f"studies.{name}.space.{weight}"
            if weight not in known:
                yield f"{at} is no weight of {kind}. {nearest(str(weight), known)}"
            elif isinstance(axis, Mapping):
                yield from _ends(at, kind, str(weight), axis)


def _ends(at: str, kind: str, weight: str, axis: Mapping[str, Any]) -> Iterator[str]:
    values = {key: axis[key] for key in ("low", "high") if key in axis}
    for key, value in values.items():
        try:
            OBJECTIVE_ROWS[kind].model_validate({"name": kind, weight: value})
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Input ")
            yield f"{at}.{key} = {value!r}: {reason}."
