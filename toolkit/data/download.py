"""Fetching a publisher's file, on request only: resumed where it stopped, checked when whole.

A file counts as whole when all bytes that were announced have come and its digest is right: the
publisher's where one is known, else the one that was recorded when it first came, in FOLDER.sha256.
"""

import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toolkit.data.source import ExpectedFile
from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file, write_text

PIECE = 1 << 20
PATIENCE = 60.0  # seconds without a byte
BAD_ANSWERS = (OSError, http.client.HTTPException, ValueError)  # what a network can come up with

Progress = Callable[[int, int | None], None]  # bytes that have come, bytes in all where known


class _NotThereError(Exception):
    """One address does not give the file; another might."""


def download(file: ExpectedFile, folder: Path, *, progress: Progress | None = None) -> Path:
    """Bring `file` into `folder`, or say why not; what has arrived stays for the next attempt.

    A file that is there already is checked and kept. The part that has arrived is called
    NAME.part until it is whole. Addresses are tried in order until one gives the file.

    Arguments:
        file: its name, addresses, and what is known of it.
        folder: where to.
        progress: is told how many bytes have come, and of how many.

    Raises:
        ToolkitError: no address gives the file, or it is not the one that is expected.
    """
    path = folder / file.name
    recorded = _recorded(folder).get(file.name)
    if path.exists():
        _check(path, file, recorded, remedy="Delete it and fetch it again.")
        return path
    if not file.urls:
        raise ToolkitError(
            f"{file.name} cannot be fetched: its publisher has no address for it. "
            "Download it by hand and run `toolkit data add`."
        )
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    reasons = []
    for url in file.urls:
        try:
            _fetch(url, part, known=bool(file.size or file.sha256 or recorded), tell=progress)
        except _NotThereError as error:
            reasons.append(f"{url} {error}")
            continue
        try:
            _check(part, file, recorded, remedy="It was removed.")
        except ToolkitError as error:
            _forget(part)
            reasons.append(f"{url} gives another file: {str(error).removesuffix('.')}")
            continue
        part.replace(path)
        _forget(part)
        digests = _recorded(folder) | {file.name: digest_of_file(path)}
        text = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
        write_text(_sums(folder), text)
        return path
    raise ToolkitError(
        f"{file.name} could not be fetched: {'; '.join(reasons)}. Run the command again to go on."
    )


def _fetch(url: str, part: Path, *, known: bool, tell: Progress | None) -> None:
    """Bring what is missing; `known`: size or digest will tell whether the file is whole."""
    begin = part.stat().st_size if part.exists() else 0
    validator = _validator_file(part).read_text() if _validator_file(part).exists() else ""
    if begin and not validator and not known:
        begin = 0  # nothing would show whether the two halves are of one file
    headers = {"Range": f"bytes={begin}-"} if begin else {}
    if begin and validator:
        headers["If-Range"] = validator
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=PATIENCE
        ) as answer:
            _keep(answer, part, begin=begin, known=known, tell=tell)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not begin:
            raise _NotThereError(f"answers {error.code} {error.reason}") from error
        total = re.match(r"bytes \*/(\d+)", error.headers.get("Content-Range", ""))
        if total is None or int(total[1]) != begin:
            _forget(part)
            _fetch(url, part, known=known, tell=tell)
    except BAD_ANSWERS as error:
        said = str(error).strip() or type(error).__name__
        raise _NotThereError(f"cannot be reached or broke off ({said})") from error


def _keep(answer: Any, part: Path, *, begin: int, known: bool, tell: Progress | None) -> None:  # noqa: ANN401 - urllib's response
    """Write an answer behind what has arrived before, or instead of it."""
    resumed = answer.status == 206
    if resumed:
        start = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
        if start is None or int(start[1]) != begin:
            raise ValueError("it answers with another part than was asked for")
    length = answer.headers.get("Content-Length")
    announced = None if length is None else int(length)
    chunked = answer.headers.get("Transfer-Encoding", "").lower() == "chunked"
    if announced is None and not chunked and not known:
        raise ValueError("it does not say how long the file is, so its end cannot be told")
    write_text(
        _validator_file(part),
        answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "",
    )
    arrived, before = 0, begin if resumed else 0
    with part.open("ab" if resumed else "wb") as file:
        while piece := answer.read(PIECE):
            file.write(piece)
            arrived += len(piece)
            if tell is not None:
                tell(before + arrived, None if announced is None else before + announced)
        file.flush()
        os.fsync(file.fileno())
    if announced is not None and arrived < announced:
        raise ValueError(f"{before + arrived} of {before + announced} bytes came")


def _validator_file(part: Path) -> Path:
    """Which version of the file a part is of, as its server names it."""
    return part.with_name(f"{part.name}.version")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _validator_file(part).unlink(missing_ok=True)


def _check(path: Path, file: ExpectedFile, recorded: str | None, *, remedy: str) -> None:
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        raise ToolkitError(f"{path} has {size} bytes; {file.name} has {file.size}. {remedy}")
    expected = file.sha256 or recorded
    if expected is not None and (found := digest_of_file(path)) != expected:
        whose = "has" if file.sha256 else "had, when it first came,"
        raise ToolkitError(
            f"{path} has the digest {found}; {file.name} {whose} {expected}. {remedy}"
        )


def _sums(folder: Path) -> Path:
    """Digests of what came into a folder, in the form of `sha256sum`; for git."""
    return folder.with_name(f"{folder.name}.sha256")


def _recorded(folder: Path) -> dict[str, str]:
    if not _sums(folder).exists():
        return {}
    lines = [line.split(maxsplit=1) for line in _sums(folder).read_text().splitlines()]
    return {line[1]: line[0] for line in lines if len(line) == 2}
