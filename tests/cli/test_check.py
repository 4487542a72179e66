"""`toolkit check`: what would end `dvc repro` hours later, and what is worth knowing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_cli import refused, said

PARAMS = """\
data:
  tiny:
    source: sprites
    raw: sprites.py
    options: {shapes: 2, scales: 1, orientations: 1, positions_x: 8, positions_y: 8}
    probe: {size: 40, seed: 0}
ensembles:
  short:
    data: tiny
    network: {name: burgess, latents: 4}
    objective: {name: beta_vae}
    seeds: [0, 1]
    training: {steps: 10}
  long:
    data: tiny
    network: {name: burgess, latents: 4}
    objective: {name: beta_vae}
    seeds: [0, 1]
    training: {steps: 10}
comparisons:
  all: {query: "tags.dataset = 'tiny'"}
"""
ORDER = "params.yaml is in order: 1 data sets, 2 ensembles, 0 studies, 1 comparisons, 0 analyses\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a params file and the file that its images come from."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    (tmp_path / "sprites.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        (
            "raw: sprites.py",
            "raw: drawn.py",
            "data.tiny.raw = 'drawn.py' is missing. Name the source file that draws the images, so "
            "that DVC notices its changes.",
        ),
        (
            "raw: sprites.py",
            "raw: kept",
            "data.tiny.raw = 'kept' is missing. Run `dvc pull kept.dvc`.",
        ),
        (
            PARAMS[PARAMS.index("source: sprites") : PARAMS.index("    probe")],
            "source: mnist\n    raw: raw/mnist\n",
            "data.tiny.raw = 'raw/mnist' is missing. Run `toolkit data download mnist`, or "
            "`toolkit data add mnist PATH` for files you have.",
        ),
        (
            PARAMS[PARAMS.index("source: sprites") : PARAMS.index("    probe")],
            "source: npz\n    raw: raw/own\n",
            "data.tiny.raw = 'raw/own' is missing. Run `toolkit data add npz PATH`.",
        ),
        (
            "size: 40",
            "size: 129",
            "data.tiny.probe.size = 129: the data set has 128 images. Ask for at most 128.",
        ),
        (
            "positions_y: 8}",
            "positions_y: 8, image_size: 48}",
            "ensembles.short.network: the burgess network takes images of 32 x 32, 64 x 64, "
            "128 x 128 or 256 x 256, not 1 x 48 x 48. Set `image_size` of the data set to one of "
            "these, or take the network `conv`.",
        ),
        (
            "tags.dataset = 'tiny'",
            "tags.dataset == or",
            "comparisons.all.query: the query 'tags.dataset == or' is not understood: Invalid "
            "clause(s) in filter string: 'tags.dataset', '==', 'or'. ",
        ),
    ],
)
def test_what_would_end_the_build_is_a_mistake(
    project: Path, good: str, bad: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "kept.dvc").touch()
    assert good in PARAMS
    (project / "params.yaml").write_text(PARAMS.replace(good, bad))
    lines = refused(capsys, "check").splitlines()
    assert lines[0].startswith("error: params.yaml has ")
    assert any(line.startswith(f"  {sentence}") for line in lines[1:]), lines


@pytest.mark.parametrize(
    ("good", "bad", "note"),
    [
        (
            "tags.dataset = 'tiny'",
            "tags.ensemble = 'shrt'",
            "comparisons.all asks for the ensemble 'shrt', which this file does not declare under "
            "`ensembles`. Only runs from elsewhere can answer.",
        ),
        (
            "tags.dataset = 'tiny'",
            "tags.study = 'short'",
            "comparisons.all asks for the study 'short', which this file does not declare under "
            "`studies`. Only runs from elsewhere can answer.",
        ),
        (
            "training: {steps: 10}\ncomparisons",
            "training: {steps: 20}\ncomparisons",
            "comparisons.all compares members that differ in steps (long: 20; short: 10). Narrow "
            "its query if that is not meant.",
        ),
        (
            "network: {name: burgess, latents: 4}",
            "network: {name: burgess, latents: 6}",
            "comparisons.all compares members that differ in network (long: burgess, 4; short: "
            "burgess, 6). Narrow its query if that is not meant.",
        ),
        (
            "seeds: [0, 1]",
            "seeds: [0]",
            None,
        ),
        (
            "tags.dataset = 'tiny'",
            "tags.ensemble = 'short'",
            None,
        ),
    ],
)
def test_what_a_comparison_would_find_late_is_a_note(
    project: Path, good: str, bad: str, note: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "params.yaml").write_text(PARAMS.replace(good, bad, 1))
    assert said(capsys, "check") == ORDER + (f"note: {note}\n" if note else "")


def test_one_seed_says_nothing_about_agreement(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "params.yaml").write_text(PARAMS.replace("seeds: [0, 1]", "seeds: [3]"))
    assert said(capsys, "check") == (
        f"{ORDER}note: comparisons.all compares members of one seed alone, which says nothing "
        "about agreement between trainings. Give the ensemble more seeds.\n"
    )


def test_a_project_without_git_is_told_how_to_work_so(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "params.yaml").write_text(PARAMS)
    (project / ".dvc").mkdir()
    assert said(capsys, "check") == (
        f"{ORDER}note: this folder is in no Git repository, and DVC stops at that. Run `git init`, "
        "or `dvc config core.no_scm true` to work without Git.\n"
    )
    (project / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    assert said(capsys, "check") == ORDER
    shutil.rmtree(project / ".dvc")
    (project / ".git").mkdir()
    assert said(capsys, "check") == ORDER


def test_a_check_imports_nothing_that_takes_long_but_torch(project: Path) -> None:
    (project / "params.yaml").write_text(PARAMS)
    late = ["h5py", "jinja2", "llvmlite.binding", "matplotlib", "mlflow", "optuna", "pandas"]
    late += ["scipy.special", "scipy.stats", "seaborn", "sklearn", "sqlalchemy"]
    code = (
        "import sys; from toolkit.cli import main; main(['check']);"
        f"print([name for name in {late} if name in sys.modules], 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{ORDER}[] True\n"
