"""Analyses by `dvc repro`, in a project that declares nothing else."""

import os
import signal
from pathlib import Path

import pytest

from tests.project.project import Project, make_project
from tests.project.test_kill import some, wait_for
from tests.stages.test_analysis import PARAMS

pytestmark = pytest.mark.slow
LARGER = PARAMS.replace("steps: 20", "steps: 1500").replace("hidden: 6", "hidden: 64")


def outputs(project: Project) -> dict[str, bytes]:
    """Records, tables and metrics of all analyses."""
    found = [*project.root.glob("analyses/*/*.json"), *project.root.glob("analyses/*/tables/*")]
    return {str(path.relative_to(project.root)): path.read_bytes() for path in sorted(found)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after `dvc repro`; look, but do not touch."""
    project = make_project(tmp_path_factory.mktemp("analyses") / "project", params=LARGER)
    project.run("dvc", "repro")
    return project


def test_analyses_need_no_other_section(made: Project) -> None:
    assert (made.root / "analyses/circle/report.html").is_file()
    assert (made.root / "analyses/spaces/tables/rank_correlation.csv").is_file()
    assert "up to date" in made.run("dvc", "repro")
    lines = made.run("git", "status", "--short", "--untracked-files=all").split()
    assert [line for line in lines if line != "??"] == [
        "analyses/circle/metrics.json",
        "analyses/spaces/metrics.json",
        "dvc.lock",
    ]
    assert "continuity" in made.run("dvc", "metrics", "show")
    assert sorted(run.data.tags["analysis"] for run in made.runs()) == ["circle", "spaces"]
    assert "MLflow: 0 runs new, 2 kept, 0 removed" in made.toolkit("sync")


def test_a_killed_analysis_ends_as_if_undisturbed(made: Project, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", params=LARGER)
    running = project.start("dvc", "repro", "analysis@circle")
    wait_for(some("analyses/circle/parts/*.safetensors"), project)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    kept = {p: p.stat().st_mtime_ns for p in project.root.glob("analyses/*/parts/*.safetensors")}
    said = project.run("dvc", "repro")
    assert "Traceback" not in said
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert outputs(project) == outputs(made)
    assert (project.root / "dvc.lock").read_bytes() == (made.root / "dvc.lock").read_bytes()
