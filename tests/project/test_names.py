"""Two readers of params.yaml, one answer: what the toolkit accepts, DVC builds."""

import re
from pathlib import Path

import pytest

from tests.project.project import PARAMS, make_project

SECTIONS = {
    "data": "data",
    "ensembles": "ensemble",
    "studies": "study",
    "comparisons": "comparison",
    "analyses": "analysis",
}
NAMES = [
    "plain",
    "a-b_C",
    "9",
    "2024",
    "1e3",
    "0x1F",
    "2024-05-01",
    "true",
    "null",
    "key",
    "x" * 64,
]
ANALYSES = "analyses:\n  tiny: {name: synthetic_spaces}\n"


def with_names(names: list[str]) -> str:
    """Every section, with the same row under each of these names."""
    text = PARAMS + ANALYSES
    for section, row in (
        ("data", "tiny"),
        ("ensembles", "tiny-beta"),
        ("studies", "tiny-search"),
        ("comparisons", "tiny"),
        ("analyses", "tiny"),
    ):
        start = text.index(f"{section}:\n") + len(f"{section}:\n")
        ends = [
            text.index(f"\n{other}:", start) for other in SECTIONS if f"\n{other}:" in text[start:]
        ]
        end = min(ends, default=len(text))
        body = text[start:end].rstrip("\n").replace(f"  {row}:", "  NAME:", 1)
        rows = "\n".join(body.replace("NAME", f'"{name}"', 1) for name in [*names, row])
        text = f"{text[:start]}{rows}\n{text[end:].lstrip(chr(10))}"
    return text


@pytest.mark.slow
def test_every_kind_of_accepted_name_reaches_dvc(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", params=with_names(NAMES))
    assert "is in order" in project.toolkit("check")
    listed = project.run("dvc", "stage", "list", "--name-only").splitlines()
    expected = {f"{stage}@{name}" for stage in SECTIONS.values() for name in NAMES}
    assert expected <= set(listed)
    (project.root / "data" / "tiny").mkdir()  # on which stages depend that are not run here
    told = project.run("dvc", "repro", "--dry")
    run = set(re.findall(r"python -m toolkit\.stages\.(\w+ \S+)", told))
    assert {stage.replace("@", " ") for stage in expected} <= run


@pytest.mark.slow
def test_a_project_of_comparisons_alone_asks_the_store(tmp_path: Path) -> None:
    comparisons = PARAMS[PARAMS.index("comparisons:") :]
    project = make_project(tmp_path / "project", params=comparisons)
    assert "is in order" in project.toolkit("check")
    told = project.run("dvc", "repro", code=255)
    assert "error: the run store holds no finished member yet" in told


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_dvc_stops_at_an_empty_section_as_the_message_says(section: str, tmp_path: Path) -> None:
    rest = "".join(f"{name}: {{}}\n" for name in SECTIONS if name != section)
    project = make_project(tmp_path / "project", params=f"{section}:\n{rest}")
    assert f"{section} is empty, and DVC stops at that." in project.toolkit("check", code=1)
    assert "cannot redefine" in project.run("dvc", "repro", code=255)
