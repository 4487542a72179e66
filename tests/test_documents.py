"""The pages under docs/ are held to the code: tables, pictures, links, and the list of folders."""

import math
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from docs.tables import pages, renewed
from toolkit.data import DATASETS
from toolkit.disentanglement import PRESETS, SCORES
from toolkit.information import COMPARISONS
from toolkit.networks import NETWORKS
from toolkit.objectives import LIKELIHOODS, OBJECTIVES, SCHEDULES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def table(page: str, heading: str | None = None) -> dict[str, list[str]]:
    """The rows of the first table under a heading of a page, by the name in their first cell."""
    text = (DOCS / page).read_text()
    if heading is not None:
        text = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
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
    cell = table("reference/objectives.md", "Objectives")[name][2]
    listed = dict(re.findall(r"`(\w+)`[^(`]*\(([^)]+)\)", cell))
    assert listed == {field.name: shown(field.default) for field in fields(OBJECTIVES[name])}


@pytest.mark.parametrize(
    ("heading", "rows"), [("Schedules", SCHEDULES), ("Likelihoods", LIKELIHOODS)]
)
def test_schedules_and_likelihoods_are_listed_with_their_settings_and_defaults(
    heading: str, rows: dict[str, type[Any]]
) -> None:
    listed = table("reference/objectives.md", heading)
    assert sorted(listed) == sorted(rows)
    for name, kind in rows.items():
        cells = " ".join(listed[name][2:])
        settings = dict(re.findall(r"`(\w+)`[^(`]*\(([^)]+)\)", cells))
        assert settings == {field.name: shown(field.default) for field in fields(kind)}


def test_no_objective_or_network_is_listed_that_does_not_exist() -> None:
    assert sorted(table("reference/objectives.md", "Objectives")) == sorted(OBJECTIVES)
    assert sorted(table("reference/networks.md")) == sorted(NETWORKS)


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_is_listed_with_its_unit_and_its_value_for_equals(name: str) -> None:
    row = table("reference/measures.md")[name]
    assert row[2] == COMPARISONS[name].unit
    assert float(row[4]) == COMPARISONS[name].alike


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_made_tables_are_what_the_code_says_now(page: Path) -> None:
    assert page.read_text() == renewed(page.read_text()), "run `python -m docs.tables`"


def test_every_data_set_score_and_preset_is_in_a_made_table() -> None:
    assert sorted(table("data.md")) == sorted(DATASETS)
    assert sorted(table("reference/scores.md", "Scores")) == sorted(SCORES)
    assert sorted(table("reference/scores.md", "Presets")) == sorted(PRESETS)


@pytest.mark.parametrize("name", SCORES)
def test_every_score_is_listed_with_its_range_and_direction(name: str) -> None:
    score, (_, _, _, span, good, _) = SCORES[name], table("reference/scores.md", "Scores")[name]
    ends = [float(number) for number in re.findall(r"-?\d+", span)]
    finite = [end for end in (score.low, score.high) if math.isfinite(end)]
    assert ends == (finite or [0.0, 1.0])
    assert good == {"high": "high", "low": "low", "neither": "–"}[score.good]


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_every_link_and_picture_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_the_architecture_lists_every_folder_and_file_at_the_top_of_the_package() -> None:
    text = (DOCS / "architecture.md").read_text()
    package = ROOT / "toolkit"
    folders = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    files = {path.name for path in package.glob("*.py")} - {"__init__.py", "__main__.py"}
    named = set(re.findall(r"`([a-z_]+(?:/|\.py))`", text))
    assert named - {"toolkit/"} == folders | files


def test_the_floors_of_the_picture_are_those_of_the_import_contract() -> None:
    picture = (DOCS / "pictures/architecture.svg").read_text()
    contract = (ROOT / "pyproject.toml").read_text().split("layers = [")[1].split("]")[0]
    for layer in re.findall(r"toolkit\.(\w+)", contract):
        assert re.search(rf"\b{layer}\b", picture), layer
