"""A small project: data, ensemble, study and comparison in seconds."""

import shutil
from pathlib import Path

import pytest

from tests.project.project import PARAMS
from toolkit.config import read_params
from toolkit.pipeline.comparison import make_comparison
from toolkit.pipeline.ensemble import make_ensemble
from toolkit.pipeline.trials import make_study
from toolkit.stages.data import make_data
from toolkit.training import strategies
from toolkit.workspace import Workspace

SMALL = PARAMS.replace("steps: 60", "steps: 6").replace("steps: 20", "steps: 4")


def build(root: Path, store: Path) -> Workspace:
    """All that it declares, with its runs in a copy of an empty store."""
    (root / "params.yaml").write_text(SMALL)
    source = root / "toolkit/data/procedural"
    source.mkdir(parents=True)
    (source / "sprites.py").touch()
    shutil.copy(store, root / "mlflow.db")
    workspace, params = Workspace(root=root, home=root), read_params(root / "params.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(strategies, "cores", lambda: 1)
        make_data(workspace, params, "tiny")
        make_ensemble(workspace, params, "tiny-beta")
        make_study(workspace, params, "tiny-search")
        make_comparison(workspace, params, "tiny")
    return workspace


def copied(built: Workspace, root: Path, store: Path, patch: pytest.MonkeyPatch) -> Workspace:
    """Another, with an empty store; this process stands in it."""
    shutil.copytree(built.root, root, ignore=shutil.ignore_patterns("mlflow.db*", "mlartifacts"))
    shutil.copy(store, root / "mlflow.db")
    patch.chdir(root)
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)
    patch.delenv("DVC_ROOT", raising=False)
    patch.setattr(strategies, "cores", lambda: 1)
    return Workspace(root=root, home=root)
