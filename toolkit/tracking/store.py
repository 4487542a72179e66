"""Where the runs are kept: a SQLite file of this project, or any store MLflow can reach.

The local file is a projection of the records and can be deleted at any time. It is made whole or
not at all and under a lock, because MLflow's own set-up of an empty file neither survives a kill
nor two processes (mlflow issue 19943), and in write-ahead mode, which readers do not block.
"""

import os
import platform
import sqlite3
import urllib.error
import urllib.request
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_bytes, draft
from toolkit.locks import exclusive
from toolkit.tracking.mlflow_import import (
    client_for,
    library,
    plain,
    server_does_not_answer,
    store_is_of_another_version,
)

SERVERS = ("http://", "https://")
DATABASES = ("sqlite:///", "postgresql", "mysql", "mssql")


@dataclass(frozen=True, kw_only=True)
class Store:
    """An open run store.

    Arguments:
        root: the project it belongs to.
        uri: what MLflow calls it.
        database: the SQLite file, or none when something else keeps the runs.
        artifacts: folder or address that new experiments keep files under; none lets the
            server decide.
        client: MLflow's client of it.
    """

    root: Path
    uri: str
    database: Path | None
    artifacts: str | None
    client: Any

    @property
    def writer(self) -> str:
        """Tells this project's runs from another's in a shared store; names no machine."""
        return digest_of_bytes(f"{platform.node()}:{self.root}".encode())[:16]

    @property
    def rebuildable(self) -> bool:
        """Whether the runs are a file of this project, so that nobody else writes there."""
        return self.database == self.root / "mlflow.db"

    def plainly(self) -> AbstractContextManager[None]:
        """Errors of the store inside this block become sentences."""
        return plain(self.uri, rebuildable=self.rebuildable)

    def writing(self) -> AbstractContextManager[None]:
        """One writer at a time; others wait."""
        return _exclusive(self.database or self.root / "mlflow.db")


def open_store(root: Path, uri: str | None = None) -> Store:
    """Open the run store of the project at `root`, and make it first where it is a local file.

    Arguments:
        root: the project's folder; relative SQLite addresses start there.
        uri: another store than `mlflow.db` there. The environment variable
            MLFLOW_TRACKING_URI wins over both.

    Raises:
        ToolkitError: the server does not answer, the folder may not be written, the tables were
            made by another version of MLflow, or the address is of no known kind.
    """
    root = root.resolve()
    uri = os.environ.get("MLFLOW_TRACKING_URI") or uri or f"sqlite:///{root / 'mlflow.db'}"
    if uri.startswith(SERVERS):
        _knock(uri)
        return _opened(Store(root=root, uri=uri, database=None, artifacts=None, client=None))
    if not uri.startswith(DATABASES):
        raise ToolkitError(
            f"{uri} is no run store. Give a database or a server, such as "
            "sqlite:///mlflow.db, postgresql://host/name or http://127.0.0.1:5000."
        )
    artifacts = os.environ.get("MLFLOW_DEFAULT_ARTIFACT_ROOT")
    if not uri.startswith("sqlite:///"):
        artifacts = artifacts or str(root / "mlartifacts")
        return _opened(Store(root=root, uri=uri, database=None, artifacts=artifacts, client=None))
    database = root / uri.removeprefix("sqlite:///")
    uri, artifacts = f"sqlite:///{database}", artifacts or str(database.parent / "mlartifacts")
    store = Store(root=root, uri=uri, database=database, artifacts=artifacts, client=None)
    _prepare(store, database)
    return _opened(store)


def _opened(store: Store) -> Store:
    with store.plainly():
        client = client_for(store.uri)
        client.search_experiments(max_results=1)
    return replace(store, client=client)


def _knock(uri: str) -> None:
    """Any answer will do, even a refusal: it tells in seconds what MLflow's retries tell late."""
    try:
        with urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=5):
            return
    except urllib.error.HTTPError as error:
        error.close()
    except (OSError, ValueError) as error:
        raise server_does_not_answer(uri, getattr(error, "reason", error)) from error


def _prepare(store: Store, database: Path) -> None:
    if not database.exists():
        with _exclusive(database):
            if not database.exists():
                _make(database, artifacts=str(store.artifacts))
    _check_version(store, database)


def _make(database: Path, *, artifacts: str) -> None:
    with draft(database) as work:
        tables = library("mlflow.store.tracking.sqlalchemy_store")
        with plain(f"sqlite:///{database}", rebuildable=True):
            tables.SqlAlchemyStore(f"sqlite:///{work}", artifacts).engine.dispose()
            connection = sqlite3.connect(work)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.close()


def _check_version(store: Store, database: Path) -> None:
    """MLflow would upgrade an older file by itself, without a lock and not to be undone."""
    latest = library("mlflow.store.db.utils")._get_latest_schema_revision()
    with store.plainly():
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            found = []
        finally:
            connection.close()
    if found != [(latest,)]:
        raise store_is_of_another_version(store.uri, rebuildable=store.rebuildable)


def _exclusive(database: Path) -> AbstractContextManager[None]:
    lock, task = database.with_suffix(".db.lock"), f"the run store {database}"
    return exclusive(lock, task, remedy="set MLFLOW_TRACKING_URI")
