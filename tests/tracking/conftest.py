"""A run store in seconds."""

import multiprocessing
import shutil
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from toolkit.tracking import Store, open_store


@pytest.fixture
def root(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an empty run store."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_DEFAULT_ARTIFACT_ROOT", "DVC_STAGE"):
        monkeypatch.delenv(name, raising=False)
    place = tmp_path / "project"
    place.mkdir()
    shutil.copy(empty_store, place / "mlflow.db")
    return place


@pytest.fixture
def store(root: Path) -> Store:
    """The open run store of that project."""
    return open_store(root)


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Real processes that start at once, because MLflow is imported before they fork."""
    context = multiprocessing.get_context("forkserver")
    modules = ["toolkit.tracking", "mlflow.store.tracking.sqlalchemy_store"]
    context.set_forkserver_preload(modules)
    return context
