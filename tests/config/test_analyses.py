"""The section `analyses` of params.yaml: rows of the table, strict to the last nested setting."""

from pathlib import Path

import pytest

from tests.config.test_params import GOOD, mistakes
from toolkit.analyses import ANALYSES, FusionSO2, SyntheticSpaces
from toolkit.analyses.fusion_so2 import CircleSettings
from toolkit.config import declared_analysis, read_params
from toolkit.information import FusionSettings

ROWS = """\
analyses:
  small:
    name: fusion_so2
    sizes: [3, 2]
    learners: {steps: 5, batch_size: 8, draws: lattice}
    fusion: {steps: 10, momentum: 0.5}
  nine: {name: synthetic_spaces}
"""
NOTHING = (
    "nothing is declared. Give a data set under `data` and an ensemble under `ensembles`, "
    "or put an experiment in place: `toolkit experiment` lists them."
)


def write(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "others",
    ["", "data: {}\nensembles: {}\nstudies: {}\ncomparisons: {}\n", GOOD],
    ids=["alone", "beside empty sections", "beside the others"],
)
def test_analyses_are_declared_with_or_without_other_sections(tmp_path: Path, others: str) -> None:
    declared = read_params(write(tmp_path, others + ROWS)).analyses
    assert declared_analysis(declared["small"]) == (
        ANALYSES["fusion_so2"],
        FusionSO2(
            sizes=(3, 2),
            learners=CircleSettings(steps=5, batch_size=8, draws="lattice"),
            fusion=FusionSettings(steps=10, momentum=0.5),
        ),
    )
    assert declared_analysis(declared["nine"]) == (
        ANALYSES["synthetic_spaces"],
        SyntheticSpaces(),
    )


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        pytest.param(
            "name: fusion_so2",
            "name: fusion_so3",
            "analyses.small.name = 'fusion_so3' is unknown. Did you mean 'fusion_so2'?",
            id="unknown analysis",
        ),
        pytest.param(
            "    sizes: [3, 2]",
            "    size: [3, 2]",
            "analyses.small.size is not a setting. Did you mean 'sizes'?",
            id="misspelt setting",
        ),
        pytest.param(
            "{name: synthetic_spaces}",
            "{name: synthetic_spaces, smples: 100}",
            "analyses.nine.smples is not a setting. Did you mean 'samples'?",
            id="misspelt setting of the other analysis",
        ),
        pytest.param(
            "sizes: [3, 2]",
            "sizes: [3, 0]",
            "analyses.small.sizes[1] = 0: should be greater than or equal to 1.",
            id="impossible size",
        ),
        pytest.param(
            "sizes: [3, 2]",
            "sizes: [0]",
            "analyses.small.sizes[0] = 0: should be greater than or equal to 1.",
            id="only size impossible: said once",
        ),
        pytest.param(
            "sizes: [3, 2]",
            "sizes: []",
            "analyses.small.sizes = []: tuple should have at least 1 item after validation, not 0.",
            id="no size",
        ),
        pytest.param(
            "sizes: [3, 2]",
            "similarities: [vii]",
            "analyses.small.similarities[0] = 'vii' is unknown. Did you mean 'vi'?",
            id="unknown similarity",
        ),
        pytest.param(
            "draws: lattice",
            "draws: latice",
            "analyses.small.learners.draws = 'latice' is unknown. Did you mean 'lattice'?",
            id="unknown way to draw",
        ),
        pytest.param(
            "batch_size: 8",
            "batchsize: 8",
            "analyses.small.learners.batchsize is not a setting. Did you mean 'batch_size'?",
            id="misspelt nested setting",
        ),
        pytest.param(
            "momentum: 0.5",
            "momentum: 1.0",
            "analyses.small.fusion.momentum = 1.0: should be less than 1.",
            id="impossible nested value",
        ),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, good: str, bad: str, sentence: str) -> None:
    assert ROWS.count(good) == 1
    assert mistakes(tmp_path, ROWS.replace(good, bad)) == [sentence]


@pytest.mark.parametrize("text", ["", "analyses: {}\ndata: {}\n"], ids=["no text", "no section"])
def test_a_file_that_declares_nothing_is_refused(tmp_path: Path, text: str) -> None:
    assert mistakes(tmp_path, text) == [NOTHING]
