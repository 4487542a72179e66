"""One undisturbed run of the pipeline that many tests look at."""

import shutil
from pathlib import Path

import pytest

from tests.project.project import Project, make_project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after `dvc repro`; look, but do not touch."""
    project = make_project(tmp_path_factory.mktemp("built") / "project")
    project.run("dvc", "repro")
    return project


@pytest.fixture
def copy(built: Project, tmp_path: Path) -> Project:
    """A built project of one's own, its MLflow database left behind."""
    root = tmp_path / "project"
    shutil.copytree(built.root, root, ignore=shutil.ignore_patterns("mlflow.db*", "mlartifacts"))
    project = Project(root)
    project.toolkit("sync")
    return project
