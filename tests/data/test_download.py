"""Fetching from a small server that breaks off, resumes, changes its file, and lies."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.data.writers import random_bytes
from toolkit.data.download import download
from toolkit.data.source import ExpectedFile
from toolkit.errors import ToolkitError

CONTENT = random_bytes(300_000).tobytes()
OTHER = random_bytes(300_000, seed=7).tobytes()
THIRD = len(CONTENT) // 3
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(BaseHTTPRequestHandler):
    """Answers as the path says; `asked` has the ranges that were asked for."""

    asked: list[str]
    visits: dict[str, int]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        type(self).asked.append(wanted)
        visit = type(self).visits.get(self.path, 0)
        type(self).visits[self.path] = visit + 1
        if self.path in RAW:
            self.wfile.write(RAW[self.path])
            return
        if self.path == "/gone":
            self.send_error(404)
            return
        content = OTHER if self.path == "/changed" and visit else CONTENT
        version = hashlib.sha256(content).hexdigest()[:8]
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if self.headers.get("If-Range") not in (None, version):
            start = 0
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if self.path != "/unversioned":
            self.send_header("ETag", version)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        short = self.path in ("/short", "/changed", "/unversioned") and not visit
        self.wfile.write(content[start : THIRD if short else len(content)])

    def log_message(self, format: str, *args: object) -> None:
        del format, args


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE_CHUNKED = CHUNKED + chunk(CONTENT) + b"0\r\n\r\n"
RAW: dict[str, bytes] = {
    "/chunked": WHOLE_CHUNKED,
    "/chunked cut": CHUNKED + chunk(CONTENT)[:-200],
    "/chunked without end": CHUNKED + chunk(CONTENT),
    "/chunked malformed": CHUNKED + b"zz\r\n" + CONTENT,
    "/no length": OK + b"\r\n" + CONTENT,
    "/no length cut": OK + b"\r\n" + CONTENT[:THIRD],
    "/garbage": b"\x00\x01 what is this\r\n\r\n",
    "/headers": OK + b"".join(b"X-%d: 1\r\n" % i for i in range(200)) + b"\r\n",
    "/long header": OK + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    "/length abc": OK + b"Content-Length: abc\r\n\r\n" + CONTENT,
    "/redirect": b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
    "/other part": (
        b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\nabcde"
    ),
}


@pytest.fixture
def address() -> Iterator[str]:
    Server.asked, Server.visits = [], {}
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def expected(*urls: str) -> ExpectedFile:
    return ExpectedFile(name="images.bin", size=len(CONTENT), sha256=DIGEST, urls=urls)


def unknown(*urls: str) -> ExpectedFile:
    return ExpectedFile(name="images.bin", urls=urls)


def quoted(address: str, path: str) -> str:
    return address + path.replace(" ", "%20")


RAW |= {path.replace(" ", "%20"): answer for path, answer in RAW.items()}


def test_a_fetch_that_broke_off_goes_on_where_it_stopped(address: str, tmp_path: Path) -> None:
    file, folder = expected(f"{address}/short"), tmp_path / "raw"
    with pytest.raises(ToolkitError) as caught:
        download(file, folder)
    assert str(caught.value) == (
        f"images.bin could not be fetched: {address}/short cannot be reached or broke off "
        "(100000 of 300000 bytes came). Run the command again to go on."
    )
    assert not (folder / "images.bin").exists()
    assert download(file, folder).read_bytes() == CONTENT
    assert Server.asked == ["", "bytes=100000-"]
    assert download(file, folder) == folder / "images.bin"
    assert len(Server.asked) == 2, "what is whole is not fetched again"
    assert [path.name for path in folder.iterdir()] == ["images.bin"]


@pytest.mark.parametrize("path", ["/changed", "/unversioned"])
@pytest.mark.parametrize("known", [False, True])
def test_halves_of_two_files_are_never_put_together(
    address: str, tmp_path: Path, path: str, known: bool
) -> None:
    make: Callable[[str], ExpectedFile] = expected if known and path != "/changed" else unknown
    for _ in range(2):
        try:
            downloaded = download(make(address + path), tmp_path / "raw")
        except ToolkitError:
            continue
    assert downloaded.read_bytes() == (OTHER if path == "/changed" else CONTENT)


def test_a_part_that_is_whole_already_is_taken(address: str, tmp_path: Path) -> None:
    (tmp_path / "images.bin.part").write_bytes(CONTENT)
    assert download(expected(f"{address}/all"), tmp_path).read_bytes() == CONTENT


def test_a_part_that_is_something_else_is_fetched_anew(address: str, tmp_path: Path) -> None:
    (tmp_path / "images.bin.part").write_bytes(CONTENT + b"and more")
    assert download(expected(f"{address}/all"), tmp_path).read_bytes() == CONTENT


def test_other_bytes_than_expected_do_not_stay(address: str, tmp_path: Path) -> None:
    file = replace(expected(f"{address}/all"), sha256="0" * 64)
    folder = tmp_path / "raw"
    for wrong, reason in (
        (file, f"has the digest {DIGEST}; images.bin has {'0' * 64}. It was removed"),
        (replace(file, size=7), "has 300000 bytes; images.bin has 7. It was removed"),
    ):
        with pytest.raises(ToolkitError) as caught:
            download(wrong, folder)
        assert str(caught.value) == (
            f"images.bin could not be fetched: {address}/all gives another file: "
            f"{folder}/images.bin.part {reason}. Run the command again to go on."
        )
    assert list(folder.iterdir()) == []


def test_the_digest_of_a_first_download_is_kept_and_checked(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    path = download(unknown(f"{address}/all"), folder)
    assert (tmp_path / "raw.sha256").read_text() == f"{DIGEST}  images.bin\n"
    path.write_bytes(OTHER)
    with pytest.raises(ToolkitError) as caught:
        download(unknown(f"{address}/all"), folder)
    assert str(caught.value) == (
        f"{path} has the digest {hashlib.sha256(OTHER).hexdigest()}; images.bin had, when it "
        f"first came, {DIGEST}. Delete it and fetch it again."
    )
    path.unlink()
    assert download(unknown(f"{address}/all"), folder).read_bytes() == CONTENT


def test_mirrors_are_asked_in_order_until_one_gives_the_file(address: str, tmp_path: Path) -> None:
    urls = [f"{address}/gone", quoted(address, "/garbage"), f"{address}/all"]
    assert download(expected(*urls), tmp_path).read_bytes() == CONTENT
    with pytest.raises(ToolkitError) as caught:
        download(replace(expected(*urls[:2]), name="other.bin"), tmp_path)
    assert str(caught.value).startswith(
        f"other.bin could not be fetched: {address}/gone answers 404 Not Found; {address}/garbage "
        "cannot be reached or broke off ("
    )


@pytest.mark.parametrize("path", [path for path in RAW if "%" not in path])
@pytest.mark.parametrize("known", [False, True])
def test_a_body_that_may_be_cut_short_is_never_whole(
    address: str, tmp_path: Path, path: str, known: bool
) -> None:
    make = expected if known else unknown
    url = quoted(address, path)
    if path == "/chunked" or (path == "/no length" and known):
        assert download(make(url), tmp_path).read_bytes() == CONTENT
        return
    with pytest.raises(ToolkitError) as caught:
        download(make(url), tmp_path)
    assert str(caught.value).startswith(f"images.bin could not be fetched: {url} ")
    assert str(caught.value).endswith(". Run the command again to go on.")
    assert not (tmp_path / "images.bin").exists()


def test_progress_is_told_in_bytes(address: str, tmp_path: Path) -> None:
    found: list[tuple[int, int | None]] = []
    download(expected(f"{address}/all"), tmp_path, progress=lambda *news: found.append(news))
    assert found[-1] == (len(CONTENT), len(CONTENT))


def test_what_cannot_be_fetched_is_said(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError) as caught:
        download(ExpectedFile(name="x.bin"), tmp_path)
    assert str(caught.value) == (
        "x.bin cannot be fetched: its publisher has no address for it. "
        "Download it by hand and run `toolkit data add`."
    )
    with pytest.raises(ToolkitError, match=r"http://127\.0\.0\.1:1/x cannot be reached or broke"):
        download(expected("http://127.0.0.1:1/x"), tmp_path)
