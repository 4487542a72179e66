"""Where the runs are kept: a SQLite file of this project, or any store MLflow can reach.

The local file is a projection of the records and can be deleted at any time. It is made whole or
not at all and under a lock, because MLflow's own set-up of an empty file neither survives a kill
nor two processes (mlflow issue 19943), and in write-ahead mode, which readers do not block.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.files import draft
from toolkit.locks import exclusive
from toolkit.tracking.addresses import (
    SERVERS,
    local_path,
    sqlite_address,
    sqlite_database,
    without_secrets,
    without_stray_folders,
)
from toolkit.tracking.mlflow_import import (
    ask_server,
    client_for,
    library,
    store_is_of_another_version,
    translate_errors,
)
from toolkit.tracking.writer import earlier_writer_of, writer_of

DATABASES = ("sqlite:///", "postgresql", "mysql", "mssql")
THIS_MACHINE = (None, "", "localhost", "127.0.0.1", "::1")
TABLES = "toolkit: tables of MLflow"  # name of the lock that is held while tables are made
LOCKS = {  # by the dialect of a database server: lock, unlock
    "postgresql": (
        "SELECT pg_advisory_lock(hashtext(:name))",
        "SELECT pg_advisory_unlock(hashtext(:name))",
    ),
    "mysql": ("SELECT GET_LOCK(:name, 600)", "SELECT RELEASE_LOCK(:name)"),
    "mssql": (
        "EXEC sp_getapplock @Resource = :name, @LockMode = 'Exclusive', @LockOwner = 'Session'",
        "EXEC sp_releaseapplock @Resource = :name, @LockOwner = 'Session'",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Store:
    """An open run store.

    Arguments:
        root: the project it belongs to.
        uri: what MLflow calls it; may hold a password, so messages show `shown`.
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
    def shown(self) -> str:
        """The address as messages show it, without its password."""
        return without_secrets(self.uri)

    @property
    def writer(self) -> str:
        """Tells this project's runs from another's in a shared store; names no machine."""
        return writer_of(self.root)

    def wrote(self, tags: Mapping[str, str]) -> bool:
        """Whether this project wrote the run that has these tags."""
        return tags.get("record.writer") in (self.writer, earlier_writer_of(self.root))

    @property
    def rebuildable(self) -> bool:
        """Whether the runs are the file that `toolkit sync` makes again from the records."""
        return self.database == self.root / "mlflow.db"

    @property
    def warning(self) -> str | None:
        """What is wrong with a shared database whose files nobody else can reach, or none."""
        if self.database or not self.artifacts or self.uri.startswith(SERVERS):
            return None
        from sqlalchemy.engine import make_url

        if make_url(self.uri).host in THIS_MACHINE or local_path(self.artifacts) is None:
            return None
        return (
            f"the runs are kept by {self.shown}, but their files in {self.artifacts} on this "
            "machine, where no other can read them. Set MLFLOW_DEFAULT_ARTIFACT_ROOT to a place "
            "that all reach, such as s3://bucket/runs."
        )

    def translate_errors(self) -> AbstractContextManager[None]:
        """Errors of the store inside this block become sentences."""
        return translate_errors(self.uri, rebuildable=self.rebuildable)

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
    uri = os.environ.get("MLFLOW_TRACKING_URI") or uri or sqlite_address(root / "mlflow.db", {})
    if not uri.startswith((*SERVERS, *DATABASES)):
        raise ToolkitError(
            f"{without_secrets(uri)} is no run store. Give a database or a server, such as "
            "sqlite:///mlflow.db, postgresql://host/name or http://127.0.0.1:5000."
        )
    artifacts = os.environ.get("MLFLOW_DEFAULT_ARTIFACT_ROOT")
    store = Store(root=root, uri=uri, database=None, artifacts=None, client=None)
    if uri.startswith(SERVERS):
        ask_server(uri)
        return _opened(store)
    if not uri.startswith("sqlite:///"):
        store = replace(store, artifacts=artifacts or str(root / "mlartifacts"))
        with _tables_lock(store):
            return _opened(store)
    from sqlalchemy.engine import make_url

    database = sqlite_database(uri, root)
    store = replace(
        store,
        uri=sqlite_address(database, dict(make_url(uri).query)),  # options such as `timeout=60`
        database=database,
        artifacts=artifacts or str(database.parent / "mlartifacts"),
    )
    if not database.exists():
        with _exclusive(database):
            if not database.exists():
                _make(database, artifacts=str(store.artifacts))
    _check_version(store, database)
    return _opened(store)


def _opened(store: Store) -> Store:
    with store.translate_errors(), without_stray_folders(store.uri):
        client = client_for(store.uri)
        client.search_experiments(max_results=1)
    return replace(store, client=client)


@contextmanager
def _tables_lock(store: Store) -> Iterator[None]:
    """One process at a time opens a database of a server: the first makes MLflow's tables.

    One plain connection also tells at once what MLflow tells after two minutes of retries: that
    the server is away, or refuses the name and the password.
    """
    with store.translate_errors():
        sqlalchemy = library("sqlalchemy")
        engine = sqlalchemy.create_engine(store.uri, poolclass=library("sqlalchemy.pool").NullPool)
        lock, unlock = (sqlalchemy.text(command) for command in LOCKS[engine.dialect.name])
        with engine.connect() as connection:
            connection.execute(lock, {"name": TABLES})
            try:
                yield
            finally:
                connection.execute(unlock, {"name": TABLES})


def _make(database: Path, *, artifacts: str) -> None:
    with draft(database) as work:
        tables, address = (
            library("mlflow.store.tracking.sqlalchemy_store"),
            sqlite_address(work, {}),
        )
        with (
            translate_errors(sqlite_address(database, {}), rebuildable=True),
            without_stray_folders(address),
        ):
            tables.SqlAlchemyStore(address, artifacts).engine.dispose()
            connection = sqlite3.connect(work)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.close()


def _check_version(store: Store, database: Path) -> None:
    """Refuse other tables: MLflow would upgrade them unasked, without a lock and without undo."""
    latest = library("mlflow.store.db.utils")._get_latest_schema_revision()
    with store.translate_errors():
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
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
