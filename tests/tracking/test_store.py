"""Opening a run store: made whole, under a lock, and refused in a sentence when it cannot be."""

import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import toolkit.tracking.store as store_module
from tests.tracking.members import make_member
from toolkit.errors import ToolkitError
from toolkit.tracking import Store, clean, open_store, project_member, sync


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


def test_two_projects_are_two_writers_and_no_name_of_the_machine_is_told(
    store: Store, tmp_path: Path
) -> None:
    import platform
    from dataclasses import replace

    assert store.writer != replace(store, root=tmp_path).writer
    assert len(store.writer) == 16
    assert platform.node() not in store.writer


def test_a_server_that_is_away_is_told_in_seconds(root: Path) -> None:
    begin = time.monotonic()
    assert refusal(root, "http://127.0.0.1:9") == (
        "the tracking server at http://127.0.0.1:9 does not answer ([Errno 111] Connection "
        "refused). Start it, or unset MLFLOW_TRACKING_URI to keep the runs in this project."
    )
    assert time.monotonic() - begin < 5


class Answer(BaseHTTPRequestHandler):
    status = 404

    def do_GET(self) -> None:
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
        "Check that it is a database that you may write to and that the disk has room."
    )


def test_a_place_that_may_not_be_written_is_told(tmp_path: Path, root: Path) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "project"
    assert refusal(place) == (
        f"{place}/mlflow.db.lock cannot be written (Not a directory). "
        "Give yourself permission to write there, or set MLFLOW_TRACKING_URI."
    )


def test_a_store_that_this_process_is_writing_is_not_waited_for(store: Store) -> None:
    with store.writing(), pytest.raises(ToolkitError) as refused:
        clean(store)
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
