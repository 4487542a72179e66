"""Fetching a publisher's file, on request only: resumed where it stopped, checked when whole."""

import os
import urllib.error
import urllib.request
from pathlib import Path

from toolkit.data.source import ExpectedFile
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file

PIECE = 1 << 20
PATIENCE = 60.0  # seconds without a byte


def download(file: ExpectedFile, folder: Path) -> Path:
    """Bring `file` into `folder`, or say why not; what has arrived stays for the next attempt.

    A file that is there already is checked and kept. The part that has arrived is called
    NAME.part until it is whole and its size and digest, where known, are right.
    """
    path = folder / file.name
    if path.exists():
        _check(path, file)
        return path
    if file.url is None:
        raise ToolkitError(
            f"{file.name} cannot be fetched: its publisher has no address for it. "
            "Download it by hand and run `toolkit data add`."
        )
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    _fetch(file.url, part)
    try:
        _check(part, file)
    except ToolkitError:
        part.unlink()
        raise
    part.replace(path)
    return path


def _fetch(url: str, part: Path) -> None:
    begin = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={begin}-"} if begin else {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            resumed = answer.status == 206
            announced = answer.headers.get("Content-Length")
            with part.open("ab" if resumed else "wb") as file:
                start = file.tell()
                while piece := answer.read(PIECE):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
                arrived = file.tell() - start
    except urllib.error.HTTPError as error:
        if error.code == 416 and begin:  # nothing is left to send: the part is whole
            return
        raise ToolkitError(
            f"{url} answers {error.code} {error.reason}. Try again later."
        ) from error
    except OSError as error:
        raise ToolkitError(
            f"{url} cannot be reached or broke off ({error}). Run the command again to go on."
        ) from error
    if announced is not None and arrived < int(announced):
        raise ToolkitError(
            f"{url} broke off after {arrived} of {announced} bytes. Run the command again to go on."
        )


def _check(path: Path, file: ExpectedFile) -> None:
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        raise ToolkitError(
            f"{path} has {size} bytes; {file.name} has {file.size}. Delete it and fetch it again."
        )
    if file.sha256 is not None and (found := digest_of_file(path)) != file.sha256:
        raise ToolkitError(
            f"{path} has the digest {found}; {file.name} has {file.sha256}. "
            "Delete it and fetch it again."
        )
