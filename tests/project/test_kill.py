"""kill -9 at any moment of `dvc repro`; then `dvc repro` again, as if nothing had happened."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project.project import Project, make_project

pytestmark = pytest.mark.slow
PATIENCE = 240.0  # seconds until a moment must have come

StepReport = Callable[[Path], bool]


def some(pattern: str, count: int = 1) -> StepReport:
    """The moment when so many files of a pattern are there."""
    return lambda root: len(list(root.glob(pattern))) >= count


MOMENTS: dict[str, StepReport] = {
    "the data are being made": some("data/tiny"),
    "members are being trained": some(".toolkit/checkpoints/*.safetensors", 2),
    "some members are finished": some("runs/ensembles/tiny-beta/members/*/record.json", 3),
    "the first run reaches MLflow": some("mlartifacts/*/*/artifacts/member"),
    "a trial is being trained": some("runs/studies/tiny-search/members/*"),
    "a trial is finished": some("runs/studies/tiny-search/members/*/record.json", 3),
    "the report is being written": some("reports/tiny/tables"),
}


TRAINING = ("members are being trained", "a trial is being trained")  # children outlive DVC then


@pytest.mark.parametrize(
    ("moment", "whole_group"),
    [pytest.param(moment, True, id=f"{moment}, with its children") for moment in MOMENTS]
    + [pytest.param(moment, False, id=f"{moment}, dvc alone") for moment in TRAINING],
)
def test_a_killed_repro_ends_as_if_undisturbed(
    moment: str, whole_group: bool, built: Project, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "project")
    running = project.start("dvc", "repro")
    wait_for(MOMENTS[moment], project)
    if whole_group:
        os.killpg(running.pid, signal.SIGKILL)
    else:
        running.kill()
    running.wait()
    trained = [path.parent for path in project.root.glob("runs/*/*/members/*/record.json")]
    kept = {p: p.stat().st_mtime_ns for f in trained for p in f.glob("weights.safetensors")}
    said = project.run("dvc", "repro")  # what outlived DVC is waited for
    running.communicate()
    assert "Traceback" not in said
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert project.records() == built.records()
    assert not list(project.root.glob(".toolkit/checkpoints/*"))
    project.expect_each_run_once()
    assert "up to date" in project.run("dvc", "repro")


def wait_for(moment: StepReport, project: Project) -> None:
    """Wait until the moment has come."""
    start = time.monotonic()
    while not moment(project.root):
        assert time.monotonic() - start < PATIENCE, "the moment never came"
        time.sleep(0.01)
