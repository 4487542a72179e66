"""Fetching from a small server that breaks off, resumes, and lies."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.data.writers import random_bytes
from toolkit.data.download import download
from toolkit.data.source import ExpectedFile
from toolkit.errors import ToolkitError

CONTENT = random_bytes(300_000).tobytes()


class Server(BaseHTTPRequestHandler):
    """Serves CONTENT; under /short it breaks off in the middle, the first time."""

    asked: list[str]
    broken: bool

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        type(self).asked.append(wanted)
        if self.path == "/gone":
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        stop = len(CONTENT)
        if self.path == "/short" and not type(self).broken:
            type(self).broken, stop = True, len(CONTENT) // 3
        self.wfile.write(CONTENT[start:stop])

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def address() -> Iterator[str]:
    Server.asked, Server.broken = [], False
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def expected(url: str) -> ExpectedFile:
    digest = hashlib.sha256(CONTENT).hexdigest()
    return ExpectedFile(name="images.bin", size=len(CONTENT), sha256=digest, url=url)


def test_a_fetch_that_broke_off_goes_on_where_it_stopped(address: str, tmp_path: Path) -> None:
    file = expected(f"{address}/short")
    with pytest.raises(ToolkitError) as caught:
        download(file, tmp_path)
    assert str(caught.value) == (
        f"{address}/short broke off after 100000 of 300000 bytes. Run the command again to go on."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["images.bin.part"]
    assert download(file, tmp_path).read_bytes() == CONTENT
    assert Server.asked == ["", "bytes=100000-"]
    assert download(file, tmp_path) == tmp_path / "images.bin"
    assert len(Server.asked) == 2, "what is whole is not fetched again"


def test_a_part_that_is_whole_already_is_taken(address: str, tmp_path: Path) -> None:
    (tmp_path / "images.bin.part").write_bytes(CONTENT)
    assert download(expected(f"{address}/all"), tmp_path).read_bytes() == CONTENT


def test_other_bytes_than_expected_do_not_stay(address: str, tmp_path: Path) -> None:
    file = replace(expected(f"{address}/all"), sha256="0" * 64)
    found = hashlib.sha256(CONTENT).hexdigest()
    with pytest.raises(ToolkitError) as caught:
        download(file, tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/images.bin.part has the digest {found}; images.bin has {'0' * 64}. "
        "Delete it and fetch it again."
    )
    with pytest.raises(ToolkitError) as caught:
        download(replace(file, size=7), tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/images.bin.part has 300000 bytes; images.bin has 7. "
        "Delete it and fetch it again."
    )
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_fetched_is_said(address: str, tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        download(expected(f"{address}/gone"), tmp_path)
    assert str(caught.value) == f"{address}/gone answers 404 Not Found. Try again later."
    with pytest.raises(ToolkitError) as caught:
        download(ExpectedFile(name="x.bin"), tmp_path)
    assert str(caught.value) == (
        "x.bin cannot be fetched: its publisher has no address for it. "
        "Download it by hand and run `toolkit data add`."
    )
    with pytest.raises(ToolkitError, match=r"^http://127\.0\.0\.1:1/x cannot be reached or broke"):
        download(expected("http://127.0.0.1:1/x"), tmp_path)
