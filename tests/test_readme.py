"""The README cannot lag behind: its tables, pictures and commands are held to the code."""

import math
import re
import shlex
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from tests.disentanglement.catalogue import presets_table, scores_table
from toolkit.cli.main import parser
from toolkit.data import DATASETS
from toolkit.data.catalogue import markdown_table
from toolkit.disentanglement import PRESETS, SCORES
from toolkit.information import COMPARISONS
from toolkit.networks import NETWORKS
from toolkit.objectives import LIKELIHOODS, OBJECTIVES, SCHEDULES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the first table under a heading, by the name in their first cell."""
    part = README.split(f"## {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {row[0].strip("` "): [cell.strip() for cell in row] for row in rows}


def shown(default: object) -> str:
    """A default as params.yaml would say it."""
    if default is MISSING:
        return "required"
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, int | float) else str(default)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_is_listed_with_its_weights_and_defaults(name: str) -> None:
    cell = table("Objectives")[name][2]
    told = dict(re.findall(r"`(\w+)`[^(`]*\(([^)]+)\)", cell))
    assert told == {field.name: shown(field.default) for field in fields(OBJECTIVES[name])}


@pytest.mark.parametrize(
    ("heading", "rows"), [("Schedules", SCHEDULES), ("Likelihoods", LIKELIHOODS)]
)
def test_schedules_and_likelihoods_are_listed_with_their_settings_and_defaults(
    heading: str, rows: dict[str, type[Any]]
) -> None:
    listed = table(heading)
    assert sorted(listed) == sorted(rows)
    for name, kind in rows.items():
        told = dict(re.findall(r"`(\w+)`[^(`]*\(([^)]+)\)", " ".join(listed[name][2:])))
        assert told == {field.name: shown(field.default) for field in fields(kind)}


def test_no_objective_or_network_is_listed_that_does_not_exist() -> None:
    assert sorted(table("Objectives")) == sorted(OBJECTIVES)
    assert sorted(table("Networks")) == sorted(NETWORKS)


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_is_listed_with_its_unit_and_its_value_for_equals(name: str) -> None:
    row = table("What is measured")[name]
    assert row[2] == COMPARISONS[name].unit
    assert float(row[4]) == COMPARISONS[name].alike


def test_every_data_set_is_listed() -> None:
    assert markdown_table().strip() in README
    assert sorted(table("Data sets")) == sorted(DATASETS)


def test_every_score_and_preset_is_listed() -> None:
    assert scores_table().strip() in README
    assert presets_table().strip() in README
    assert sorted(table("Scores")) == sorted([*SCORES, *PRESETS])


@pytest.mark.parametrize("name", SCORES)
def test_every_score_is_listed_with_its_unit_range_direction_and_source(name: str) -> None:
    score, (_, measures, unit, span, good, source) = SCORES[name], table("Scores")[name]
    assert (measures, unit, source) == (score.measures, score.unit, score.source)
    ends = [float(number) for number in re.findall(r"-?\d+", span)]
    finite = [end for end in (score.low, score.high) if math.isfinite(end)]
    assert ends == (finite or [0.0, 1.0])
    assert good == {"high": "high", "low": "low", "neither": "–"}[score.good]


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 2
    for picture in pictures:
        assert (ROOT / picture).is_file()


def test_every_link_inside_the_project_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists()


def test_every_command_is_one_that_the_parser_knows() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.S)
    lines = [line.split("  #")[0] for block in blocks for line in block.splitlines()]
    told = [line.split("&&")[0] for line in lines if line.startswith("toolkit ")]
    assert len(told) == 5
    for line in told:
        parser().parse_args(shlex.split(line)[1:])


def test_every_python_example_is_python() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.S)
    assert blocks
    for block in blocks:
        compile(block, "README.md", "exec")
