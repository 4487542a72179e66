"""What many tests need.

The process that hands tests to workers reads this file too and needs nothing of the toolkit, so
what takes seconds to import is imported where it is used.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import jaxtyping
import pytest

from tests.shared import shared_folder

if TYPE_CHECKING:
    from toolkit.config import Params
    from toolkit.workspace import Workspace

NOBODY = 65534


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An `mlflow.db` without runs: MLflow takes seconds to make its tables, a copy takes none."""
    from toolkit.tracking import open_store

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        return shared_folder(tmp_path_factory, "store", open_store) / "mlflow.db"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> "Workspace":
    """A small project, built once for all processes; look, but do not touch."""
    from tests.small import build
    from toolkit.workspace import Workspace

    root = shared_folder(tmp_path_factory, "small", lambda folder: build(folder, empty_store))
    return Workspace(root=root, home=root)


@pytest.fixture
def params(built: "Workspace") -> "Params":
    """What it declares."""
    from toolkit.config import read_params

    return read_params(built.params)


@pytest.fixture
def copy(
    built: "Workspace", tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> "Workspace":
    """A built project of one's own, of which nothing is tracked; this process stands in it."""
    from tests.small import copied

    return copied(built, tmp_path / "project", empty_store, monkeypatch)


@pytest.fixture
def unchecked() -> Iterator[None]:
    """Without run-time shape checks, as users run the toolkit."""
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", before)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As members are trained and asked; the last bits depend on it."""
    from toolkit import threads

    with threads.one_thread():
        yield


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[Path]:
    """A folder that this process may not write to, even where the suite is run by root."""
    folder = tmp_path / "forbidden"
    folder.mkdir(mode=0o555)
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    yield folder
    os.seteuid(before)
