"""docs/analyses.md and the experiments of analyses cannot lag behind the code."""

import re
from pathlib import Path

import pytest

from toolkit.analyses import ANALYSES, FusionSO2, SyntheticSpaces
from toolkit.config import declared_analysis, read_params

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/analyses.md").read_text()


def test_the_table_lists_every_analysis() -> None:
    rows = [f"| `{name}` | {row.about} | {row.source} |" for name, row in ANALYSES.items()]
    assert re.findall(r"^\| `.*$", DOCUMENT, flags=re.M) == sorted(rows)


def test_every_picture_and_every_experiment_is_there() -> None:
    for picture in re.findall(r"!\[[^]]+\]\(([^)]+)\)", DOCUMENT):
        assert (ROOT / "docs" / picture).is_file()
    commands = re.findall(r"toolkit experiment ([\w-]+) && dvc repro", DOCUMENT)
    assert sorted(commands) == ["fusion-so2", "synthetic-spaces"]


@pytest.mark.parametrize("name", ["fusion-so2", "synthetic-spaces"])
def test_an_experiment_declares_its_analysis_and_nothing_else(name: str) -> None:
    params = read_params(ROOT / "experiments" / f"{name}.yaml")
    assert list(params.analyses) == [name]
    assert not any([params.data, params.ensembles, params.studies, params.comparisons])


def test_the_nine_spaces_are_studied_as_published() -> None:
    row = read_params(ROOT / "experiments/synthetic-spaces.yaml").analyses["synthetic-spaces"]
    assert declared_analysis(row) == (ANALYSES["synthetic_spaces"], SyntheticSpaces())


def test_fusion_differs_from_the_published_protocol_where_the_file_says_so() -> None:
    path = ROOT / "experiments/fusion-so2.yaml"
    _, declared = declared_analysis(read_params(path).analyses["fusion-so2"])
    published = FusionSO2()
    different = {
        f"{part}.{name}"
        for part in ("learners", "fusion")
        for name, value in vars(getattr(declared, part)).items()
        if value != getattr(getattr(published, part), name)
    }
    assert different == {"learners.batch_size", "learners.draws", "fusion.steps"}
    for part in ("sizes", "repeats", "points", "similarities", "seed"):
        assert getattr(declared, part) == getattr(published, part)
    assert "published: 2048 with draws: independent" in path.read_text()
    assert "published: 20000 steps" in path.read_text()
