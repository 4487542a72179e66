"""One mistake in params.yaml as one line: path, value, what is allowed, nearest known name."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from toolkit.config.row_models import SCHEDULE_MODELS
from toolkit.config.scores import Scores
from toolkit.config.sections import (
    ANALYSIS_ROWS,
    LIKELIHOOD_ROWS,
    NETWORK_ROWS,
    OBJECTIVE_GRIDS,
    OBJECTIVE_ROWS,
    Comparison,
    Data,
    Ensemble,
    Params,
    Probe,
    Sampler,
    Study,
    Training,
)
from toolkit.errors import nearest

Place = Sequence[str | int]
SECTIONS: dict[str, type[BaseModel]] = {
    "data": Data,
    "ensembles": Ensemble,
    "studies": Study,
    "comparisons": Comparison,
}
PARTS: dict[str, type[BaseModel]] = {
    "probe": Probe,
    "training": Training,
    "sampler": Sampler,
    "scores": Scores,
}
ROWS: dict[str | int, dict[str, type[BaseModel]]] = {
    "objective": OBJECTIVE_ROWS,
    "network": NETWORK_ROWS,
    "likelihood": LIKELIHOOD_ROWS,
    "Schedule": SCHEDULE_MODELS,
}
TAGS = ("Range", "Choices", "Number", "Schedule", "[key]")
RANGE = ("low", "high", "log", "step")


def sentence(error: Mapping[str, Any]) -> str:
    """A line about one of pydantic's errors."""
    place, kind, context = tuple(error["loc"]), error["type"], error.get("ctx", {})
    path = _path(place)
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{path} is not a setting. {nearest(str(place[-1]), _known(place))}"
    if kind == "missing":
        return f"{path} is missing. {_why(place) or 'Give it a value.'}"
    if kind == "union_tag_invalid":
        names = [name.strip(" '") for name in context["expected_tags"].split(",")]
        by = context["discriminator"].strip("'")
        return f"{path}.{by} = {context['tag']!r} is unknown. {nearest(context['tag'], names)}"
    if kind == "union_tag_not_found":
        by = context["discriminator"].strip("'")
        return f"{path}.{by} is missing. Give the name of a row."
    if kind == "unknown_name":
        return f"{path} = {error['input']!r}: {error['msg']}"
    if kind == "literal_error" and isinstance(error["input"], str):
        names = [name.strip(" '") for name in context["expected"].replace(" or ", ",").split(",")]
        return f"{path} = {error['input']!r} is unknown. {nearest(error['input'], names)}"
    if kind == "string_pattern_mismatch" and place[-1] == "[key]":
        return f"{path} is no name. Use letters, digits, '_', '.' and '-', a letter or digit first."
    reason = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    said = f"{path} = {_short(error['input'])}: {reason[0].lower()}{reason[1:].rstrip('.')}."
    return f"{said} {_why(place)}".rstrip()


def _path(place: Place) -> str:
    """Dotted, without the names pydantic adds for the rows of a table."""
    text = ""
    for position, part in enumerate(place):
        before = place[position - 1] if position else ""
        if part in ROWS.get(before, {}) or part in TAGS:
            continue
        if place[0] == "analyses" and position == 2:
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _why(place: Place) -> str:
    """What a row says about a setting that it must be given; nothing about others."""
    names = [part for part in place if isinstance(part, str)]
    for table in ROWS.values():
        for name, setting in itertools.pairwise(names):
            if name in table and setting in table[name].model_fields:
                return table[name].model_fields[setting].description or ""
    return ""


def _known(place: Place) -> list[str]:
    """The settings that exist where an unknown one was given."""
    around = place[-2] if len(place) > 1 else ""
    if len(place) == 1:
        return list(Params.model_fields)
    if around in ("Range", "Choices"):
        return [*RANGE, "choices"]
    if place[0] == "analyses":
        return _known_analysis(place)
    if len(place) == 3:
        return list(SECTIONS[str(place[0])].model_fields)
    rows = OBJECTIVE_GRIDS if place[0] == "ensembles" else OBJECTIVE_ROWS
    for table in (PARTS, rows, NETWORK_ROWS, LIKELIHOOD_ROWS, SCHEDULE_MODELS):
        if around in table:
            return list(table[str(around)].model_fields)
    return list(NETWORK_ROWS[next(iter(NETWORK_ROWS))].model_fields)


def _known_analysis(place: Place) -> list[str]:
    """Settings of an analysis, or of the record that one of them is."""
    model: Any = ANALYSIS_ROWS[str(place[2])]
    for part in place[3:-1]:
        model = model.model_fields[str(part)].annotation
    return list(model.model_fields)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
