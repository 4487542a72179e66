"""What one part of params.yaml says of another: names that must exist, settings that must fit.

It looks at the file as it was read, so that these mistakes are told together with all the others.
"""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from toolkit.config.renamed import renamed_hint
from toolkit.config.sections import OBJECTIVE_ROWS
from toolkit.config.targets import refusal
from toolkit.data import DATASETS
from toolkit.data.source import build_options
from toolkit.disentanglement import PRESETS, SCORES
from toolkit.errors import ToolkitError, UnknownNameError, nearest, shortened
from toolkit.yaml_file import Value

Part = Mapping[str, Value]


def reference_mistakes(content: Value) -> Iterator[str]:
    """A line for every name that does not exist and every option or range that cannot be."""
    if not isinstance(content, dict):
        return
    if not any(content.values()):
        yield (
            "nothing is declared. Give a data set under `data` and an ensemble under `ensembles`, "
            "or put an experiment in place: `toolkit experiment` lists them."
        )
    declared = _section(content, "data")
    for name, part in declared.items():
        yield from _option_mistakes(f"data.{name}.options", part)
    for section in ("ensembles", "studies"):
        for name, part in _section(content, section).items():
            data = part.get("data")
            if isinstance(data, str) and data not in declared:
                value = shortened(repr(data))
                hint = nearest(data, declared) if declared else "The file declares no data set."
                yield f"{section}.{name}.data = {value} is no data set of this file. {hint}"
            yield from _score_mistakes(f"{section}.{name}.scores", part)
            yield from _target_mistakes(f"{section}.{name}.values", part)
    for name, part in _section(content, "studies").items():
        yield from _space_mistakes(f"studies.{name}.space", part)


def _section(content: Part, name: str) -> dict[str, dict[str, Value]]:
    section = content.get(name)
    parts = section.items() if isinstance(section, dict) else ()
    return {shortened(key): part for key, part in parts if isinstance(part, dict)}


def _option_mistakes(at: str, part: Part) -> Iterator[str]:
    """What is wrong with options of a data set: each by itself, or else all together."""
    source, options = part.get("source"), part.get("options")
    if not (isinstance(source, str) and source in DATASETS and isinstance(options, dict)):
        return
    whole = _refusal(source, options)
    if whole is None:
        return
    alone = False
    for key, value in options.items():
        reason = _refusal(source, {key: value})
        if reason is not None:
            alone = True
            yield f"{at}.{shortened(key)} = {shortened(repr(value))}: {reason}"
    if not alone:
        yield f"{at} = {shortened(repr(options), 200)}: {whole}"


def _refusal(source: str, options: Part) -> str | None:
    try:
        build_options(DATASETS[source], source, options)
    except ToolkitError as error:
        return str(error)
    return None


def _score_mistakes(at: str, part: Part) -> Iterator[str]:
    """Options that no declared score has."""
    scores = part.get("scores")
    options = scores.get("options") if isinstance(scores, dict) else None
    names = _score_names(part)
    for name, settings in options.items() if isinstance(options, dict) else ():
        if not isinstance(settings, dict):
            continue
        path = f"{at}.options.{shortened(name)}"
        if name not in names:
            hint = nearest(name, names) if names else "No score is declared."
            yield f"{path} is for a score that is not declared. {hint}"
            continue
        kind = SCORES[name].settings
        for option, value in settings.items():
            setting = f"{path}.{shortened(option)}"
            if option in kind.options():
                reason = kind.refusal(option, tuple(value) if isinstance(value, list) else value)
                if reason is not None:
                    yield f"{setting} = {shortened(repr(value))}: {reason}."
            else:
                unknown = UnknownNameError(f"option of the score {name}", option, kind.options())
                yield renamed_hint(path, option) or f"{setting}: {unknown}"


def _score_names(part: Part) -> list[str]:
    """Scores that are declared by name or by preset, as far as they exist."""
    scores = part.get("scores")
    if not isinstance(scores, dict):
        return []
    names, preset = scores.get("names"), scores.get("preset")
    published = PRESETS[preset].scores if isinstance(preset, str) and preset in PRESETS else {}
    named = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return [name for name in [*published, *named] if name in SCORES]


def _target_mistakes(at: str, part: Part) -> Iterator[str]:
    """Values of a study that cannot be its targets."""
    values = part.get("values")
    names = _score_names(part)
    for index, value in enumerate(values if isinstance(values, list) else []):
        reason = refusal(value, names) if isinstance(value, str) else None
        if reason is not None:
            yield f"{at}[{index}] = {shortened(repr(value))}: {reason}"


def _space_mistakes(at: str, part: Part) -> Iterator[str]:
    """Weights that the objective does not have, and values beyond the limits of those it has."""
    objective, space = part.get("objective"), part.get("space")
    kind = objective.get("name") if isinstance(objective, dict) else None
    if not (isinstance(kind, str) and kind in OBJECTIVE_ROWS and isinstance(space, dict)):
        return
    known = [weight for weight in OBJECTIVE_ROWS[kind].model_fields if weight != "name"]
    for weight, axis in space.items():
        path = f"{at}.{shortened(weight)}"
        if weight not in known:
            yield f"{path} is no weight of {kind}. {nearest(weight, known)}"
        elif isinstance(axis, dict):
            yield from _beyond_limits(path, kind, weight, axis)


def _beyond_limits(path: str, kind: str, weight: str, axis: Part) -> Iterator[str]:
    choices = axis.get("choices")
    values = [(key, axis[key]) for key in ("low", "high") if key in axis]
    values += (
        [(f"choices[{i}]", value) for i, value in enumerate(choices)]
        if isinstance(choices, list)
        else []
    )
    for key, value in values:
        try:
            OBJECTIVE_ROWS[kind].model_validate({"name": kind, weight: value})
        except ValidationError as error:
            for item in error.errors():
                if item["loc"] and item["loc"][0] == weight:
                    reason = item["msg"].removeprefix("Input ")
                    yield f"{path}.{key} = {shortened(repr(value))}: {reason}."
                    break
