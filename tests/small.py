"""A small project, built once a process: fixtures that every test may ask for."""

import shutil
from pathlib import Path

import pytest

from tests.pipeline.project import PARAMS
from toolkit.config import Params, read_params
from toolkit.stages.comparison import make_comparison
from toolkit.stages.data import make_data
from toolkit.stages.ensemble import make_ensemble
from toolkit.stages.study import make_study
from toolkit.training import strategies
from toolkit.workspace import Workspace

SMALL = PARAMS.replace("steps: 60", "steps: 6").replace("steps: 20", "steps: 4")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Data, ensemble, study and comparison; look, but do not touch."""
    root = tmp_path_factory.mktemp("stages")
    (root / "params.yaml").write_text(SMALL)
    source = root / "toolkit/data/procedural"
    source.mkdir(parents=True)
    (source / "sprites.py").touch()
    workspace, params = Workspace(root=root, home=root), read_params(root / "params.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(strategies, "cores", lambda: 1)
        make_data(workspace, params, "tiny")
        make_ensemble(workspace, params, "tiny-beta")
        make_study(workspace, params, "tiny-search")
        make_comparison(workspace, params, "tiny")
    return workspace


@pytest.fixture
def params(built: Workspace) -> Params:
    """What is declared."""
    return read_params(built.params)


@pytest.fixture
def copy(built: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A built workspace of one's own, without MLflow's database; this process stands in it."""
    root = tmp_path / "project"
    shutil.copytree(built.root, root, ignore=shutil.ignore_patterns("mlflow.db*", "mlartifacts"))
    monkeypatch.chdir(root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(strategies, "cores", lambda: 1)
    return Workspace(root=root, home=root)
