"""From records to MLflow: what DVC knows, and a run store that is away."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from toolkit.config import Params
from toolkit.errors import ToolkitError
from toolkit.pipeline.sync import ask_store, dvc_tags, track_results
from toolkit.workspace import Workspace

MD5 = "0123456789abcdef0123456789abcdef.dir"
LOCK = f"stages:\n  data@tiny:\n    outs:\n    - path: data/tiny\n      md5: {MD5}\n"


def test_the_md5_of_a_data_set_is_a_tag(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    workspace = Workspace(root=tmp_path, home=tmp_path)
    assert dvc_tags(workspace, "tiny") == {"dvc.data.md5": MD5}
    assert dvc_tags(workspace, "other") == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"- 1\n",
        b"text",
        b"<<<<<<< HEAD\n" + LOCK.encode(),
        LOCK[:60].encode(),
        LOCK.replace("md5", "files").encode(),
        LOCK.replace(MD5, "[1]").encode(),
        LOCK.replace("outs:\n    - path: data/tiny\n      md5:", "outs:").encode(),
        b"stages: 5\n",
        bytes(range(256)),
        b"\xff\xfe" + LOCK.encode("utf-16-le"),
    ],
)
def test_without_a_lock_that_can_be_read_there_is_no_tag(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "dvc.lock").write_bytes(content)
    assert dvc_tags(Workspace(root=tmp_path, home=tmp_path), "tiny") == {}


def test_a_server_that_is_away_is_told_before_work_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(root=tmp_path, home=tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(ToolkitError) as refused:
        ask_store(workspace)
    assert str(refused.value) == (
        "the tracking server at http://127.0.0.1:9 does not answer ([Errno 111] Connection "
        "refused). Start it, or unset MLFLOW_TRACKING_URI to keep the runs in this project."
    )
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    ask_store(workspace)
    assert list(tmp_path.iterdir()) == []


class Deaf(BaseHTTPRequestHandler):
    """A server that is there and does nothing."""

    def do_GET(self) -> None:
        self.send_error(503)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Keep still."""


@pytest.fixture
def deaf_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Deaf)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_results_are_whole_when_the_server_went_away(
    tmp_path: Path, deaf_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", deaf_server)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    said = track_results(Workspace(root=tmp_path, home=tmp_path), Params())
    assert said.startswith(
        f"MLflow was not brought up to date, because the tracking server at {deaf_server} does "
        "not answer ("
    )
    assert said.endswith(". The results are complete; run `toolkit sync` to show them.")
