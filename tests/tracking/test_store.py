"""Opening a run store: made whole, under a lock, and refused in a sentence when it cannot be."""

import base64
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import ClassVar
from unittest.mock import Mock

import pytest
import urllib3

import toolkit.tracking.store as store_module
from tests.tracking.members import make_member
from toolkit.errors import ToolkitError
from toolkit.tracking import (
    Store,
    StoreError,
    artifact_path,
    open_store,
    project_member,
    select,
    sync,
)


def refusal(root: Path, uri: str | None = None) -> str:
    with pytest.raises(ToolkitError) as refused:
        open_store(root, uri)
    return str(refused.value)


def test_a_new_store_is_a_whole_file_that_readers_do_not_block(empty_store: Path) -> None:
    connection = sqlite3.connect(empty_store)
    assert connection.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
    connection.close()
    names = {path.name for path in empty_store.parent.iterdir()}
    assert names <= {"mlflow.db", "mlflow.db.lock", "mlflow.db-wal", "mlflow.db-shm"}


def test_the_environment_names_the_store_before_anybody_else(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path
) -> None:
    (root / "other.db").write_bytes(empty_store.read_bytes())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")
    assert open_store(root, "sqlite:///mlflow.db").database == root / "other.db"


def test_relative_addresses_start_at_the_project(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert open_store(root, "sqlite:///mlflow.db").database == root / "mlflow.db"
    assert list(elsewhere.iterdir()) == []


def test_a_server_that_is_away_is_asked_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = Mock(side_effect=urllib3.util.connection.create_connection)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    assert refusal(root, "http://127.0.0.1:9") == (
        "the tracking server at http://127.0.0.1:9 does not answer ([Errno 111] Connection "
        "refused). Start it, or unset MLFLOW_TRACKING_URI to keep the runs in this project."
    )
    assert connect.call_count == 1


class Answer(BaseHTTPRequestHandler):
    status = 404
    logins: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.logins.append(self.headers["Authorization"])
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"nothing here")

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Keep still."""


@pytest.fixture
def web_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of some other server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_of_another_kind_is_told(root: Path, web_page: str) -> None:
    assert refusal(root, web_page) == (
        f"{web_page} answers, but not as MLflow's tracking server does (API request to endpoint "
        "/api/2.0/mlflow/experiments/search failed with error code 404 != 200. Response body: "
        "'nothing here'). Check MLFLOW_TRACKING_URI, and the name and password if it asks for them."
    )


def test_a_server_that_goes_away_while_asked_is_told(
    root: Path, web_page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answer, "status", 503)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    told = refusal(root, web_page)
    assert told.startswith(f"the tracking server at {web_page} does not answer (")
    assert told.endswith("unset MLFLOW_TRACKING_URI to keep the runs in this project.")


@pytest.mark.parametrize("uri", ["./mlruns", "file:///tmp/mlruns", "sqlite://", "mongodb://x/y"])
def test_an_address_of_no_known_kind_is_refused(root: Path, uri: str) -> None:
    assert refusal(root, uri) == (
        f"{uri} is no run store. Give a database or a server, such as sqlite:///mlflow.db, "
        "postgresql://host/name or http://127.0.0.1:5000."
    )


def test_a_database_whose_driver_is_missing_names_the_package(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    assert refusal(root, "mysql+pymysql://localhost/runs") == (
        "the run store mysql+pymysql://localhost/runs needs the Python package 'pymysql'. "
        "Run `pip install pymysql`."
    )


def test_a_store_of_another_version_of_mlflow_is_left_alone(root: Path) -> None:
    database = root / "mlflow.db"
    connection = sqlite3.connect(database)
    connection.execute("UPDATE alembic_version SET version_num = '0123456789ab'")
    connection.commit()
    connection.close()
    assert refusal(root) == (
        f"the run store sqlite:///{database} was made by another version of MLflow. "
        "It only repeats the records: delete it and run `toolkit sync`."
    )
    other = database.rename(root / "other.db")
    assert refusal(root, "sqlite:///other.db") == (
        f"the run store sqlite:///{other} was made by another version of MLflow. "
        f"Make a copy of it, then run `mlflow db upgrade sqlite:///{other}`."
    )


def test_an_empty_file_is_not_filled_by_chance(root: Path) -> None:
    (root / "mlflow.db").write_bytes(b"")
    assert "was made by another version of MLflow" in refusal(root)
    assert (root / "mlflow.db").read_bytes() == b""


def test_a_file_that_is_no_database_is_told(root: Path) -> None:
    (root / "mlflow.db").write_text("a letter to a friend " * 100)
    assert refusal(root) == (
        f"the run store sqlite:///{root}/mlflow.db cannot be used (file is not a database). "
        "Check that you may write to it and that the disk has room. It only repeats the records: "
        "if it is damaged, delete it and run `toolkit sync`."
    )


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda content: content[:-5000],
    "half": lambda content: content[: len(content) // 2],
    "cut in its head": lambda content: content[:50],
    "zeroed": lambda content: bytes(len(content)),
    "zeroed head": lambda content: bytes(100) + content[100:],
    "zeroed end": lambda content: content[: -len(content) // 3] + bytes(len(content) // 3),
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "text": lambda _: "Grüße".encode("utf-16") * 100,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_told_and_built_again_when_it_is_deleted(
    root: Path, damage: str
) -> None:
    database = root / "mlflow.db"
    run = project_member(*make_member(root / "made"))
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.write_bytes(DAMAGES[damage](database.read_bytes()))
    with pytest.raises(StoreError, match="delete it and run `toolkit sync`") as told:
        sync(open_store(root), [run])
    assert f"sqlite:///{database}" in str(told.value)
    for path in root.glob("mlflow.db*"):
        path.unlink()
    assert sync(open_store(root), [run]).created == 1


def test_a_place_that_may_not_be_written_is_told(tmp_path: Path, root: Path) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "project"
    assert refusal(place) == (
        f"{place}/mlflow.db.lock cannot be written (Not a directory). "
        "Give yourself permission to write there, or set MLFLOW_TRACKING_URI."
    )


def test_a_store_that_this_process_is_writing_is_not_waited_for(store: Store) -> None:
    with store.writing(), pytest.raises(ToolkitError) as refused:
        sync(store, [])
    assert str(refused.value) == (
        f"this process is already working on the run store {store.database}. "
        "Finish or close that work first."
    )


def test_a_copied_project_does_not_write_into_the_original(
    store: Store, root: Path, tmp_path: Path
) -> None:
    record, folder = make_member(root / "made")
    runs = [project_member(record, folder)]
    sync(store, runs)
    copy = tmp_path / "copy"
    copy.mkdir()
    with sqlite3.connect(root / "mlflow.db") as source, sqlite3.connect(copy / "mlflow.db") as new:
        source.backup(new)
    source.close()
    new.close()
    with pytest.raises(ToolkitError) as refused:
        sync(open_store(copy), runs)
    assert str(refused.value) == (
        f"{copy}/mlflow.db was made when the project lay elsewhere: it keeps the files of "
        f"'sprites' in {root}/mlartifacts/sprites. Delete it and run `toolkit sync`."
    )


def test_importing_the_package_does_not_import_mlflow() -> None:
    import subprocess

    code = "import sys, toolkit.tracking; sys.exit('mlflow' in sys.modules)"
    environment = {"PYTHONPATH": str(Path(store_module.__file__).parents[2])}
    assert (
        subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
    )


@pytest.mark.parametrize("name", ["a%20b", "50%", "c#d", "e?f=g", "with space"])
def test_a_project_may_lie_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    project = tmp_path / name
    project.mkdir()
    record, folder = make_member(project / "made")
    runs = [project_member(record, folder)]
    assert sync(open_store(project), runs).created == 1
    store = open_store(project)
    assert sync(store, runs).kept == 1
    (run,) = select(store, "").runs
    path = artifact_path(store, run.run_id, "member/record.json")
    assert path.read_bytes() == (folder / "record.json").read_bytes()
    assert path.is_relative_to(project / "mlartifacts")
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_an_address_may_carry_options(root: Path) -> None:
    store = open_store(root, "sqlite:///mlflow.db?timeout=60")
    assert (store.database, store.rebuildable) == (root / "mlflow.db", True)
    assert store.uri == f"sqlite:///{root}/mlflow.db?timeout=60"


@pytest.mark.parametrize("uri", ["sqlite:///", "sqlite:///:memory:"])
def test_runs_in_memory_are_refused(root: Path, uri: str) -> None:
    assert refusal(root, uri) == (
        f"{uri} names no file, and runs in memory are gone with the process. "
        "Give a file, such as sqlite:///mlflow.db."
    )


@pytest.mark.parametrize(
    "uri",
    [
        "http://ada:s3cret@127.0.0.1:9",
        "http://s3cret@127.0.0.1:9",
        "https://ada:s3@cret@127.0.0.1:9/prefix",
        "mongodb://ada:s3cret@host/runs",
        "mysql+pymysql://ada:s3cret@host/runs",
        "postgresql+nodriver://ada:s3cret@host/runs?sslpassword=s3cret",
    ],
)
def test_passwords_are_in_no_message(root: Path, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    message = refusal(root, uri)
    assert "cret" not in message
    assert "***" in message


def test_name_and_password_in_the_address_reach_the_server(
    root: Path, web_page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins: list[str | None] = []
    monkeypatch.setattr(Answer, "logins", logins)
    message = refusal(root, web_page.replace("://", "://ada:s3cret@"))
    assert message.startswith(f"{web_page.replace('://', '://ada:***@')} answers, but not as")
    assert set(logins) == {"Basic " + base64.b64encode(b"ada:s3cret").decode()}


@pytest.fixture
def refusing_database(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A MySQL driver whose server refuses every login; the list has a name per attempt."""
    attempts: list[str] = []

    class RefusedError(Exception):
        pass

    def connect(*_: object, **settings: object) -> None:
        attempts.append(str(settings["user"]))
        raise RefusedError(1045, "Access denied")

    driver = ModuleType("pymysql")
    driver.__dict__.update(connect=connect, paramstyle="format")
    for kind in ("", "Operational", "Programming", "Interface", "Internal"):
        setattr(driver, f"{kind}Error", RefusedError)
    monkeypatch.setitem(sys.modules, "pymysql", driver)
    return attempts


def test_a_refused_login_is_told_at_once(root: Path, refusing_database: list[str]) -> None:
    assert refusal(root, "mysql+pymysql://ada:wrong@10.0.0.1/runs") == (
        "the run store mysql+pymysql://ada:***@10.0.0.1/runs cannot be used "
        f"(({__name__}.RefusedError) (1045, 'Access denied')). "
        "Check the address, the name and the password, and that the database is running and lets "
        "you write."
    )
    assert refusing_database == ["ada"]


@pytest.mark.parametrize(
    ("uri", "artifacts", "warned"),
    [
        ("postgresql://ada:s3cret@db.example.org/runs", "/project/mlartifacts", True),
        ("postgresql://ada:s3cret@db.example.org/runs", "file:///project/files", True),
        ("postgresql://ada:s3cret@db.example.org/runs", "s3://bucket/runs", False),
        ("postgresql://ada:s3cret@localhost/runs", "/project/mlartifacts", False),
        ("mysql+pymysql:///runs", "/project/mlartifacts", False),
        ("http://runs.example.org", None, False),
    ],
)
def test_a_shared_database_with_files_on_this_machine_is_warned_of(
    root: Path, uri: str, artifacts: str | None, *, warned: bool
) -> None:
    store = Store(root=root, uri=uri, database=None, artifacts=artifacts, client=None)
    assert store.warning == (
        (
            "the runs are kept by postgresql://ada:***@db.example.org/runs, but their files in "
            f"{artifacts} on this machine, where no other can read them. Set "
            "MLFLOW_DEFAULT_ARTIFACT_ROOT to a place that all reach, such as s3://bucket/runs."
        )
        if warned
        else None
    )
