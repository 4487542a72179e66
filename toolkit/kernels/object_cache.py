"""Machine code of kernels, kept on disk so that the next process does not compile it again.

A file is named after everything that decides its contents: the kernel's text, the name and features
of the CPU, and the versions of llvmlite and LLVM. It begins with a checksum. Files are whole or
absent, so any number of processes may write at once. A damaged file counts as absent, and a folder
that cannot be written leaves kernels uncached: the cache saves time and never stops a training.

The folder is TOOLKIT_CACHE, or `channel-toolkit` in the user's cache folder (XDG_CACHE_HOME, else
~/.cache), and may be deleted at any time.
"""

import os
from contextlib import suppress
from pathlib import Path

import llvmlite

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_bytes, digest_of_json, write_bytes

FORMAT = "kernels/1"
DIGEST_LENGTH = 64


def key_for(text: str, cpu: str, features: str) -> str:
    """Name of the file that holds the machine code of a kernel.

    Arguments:
        text: the kernel in LLVM's language.
        cpu: name of the CPU.
        features: of the CPU, such as "+avx2,-avx512f".
    """
    from llvmlite import binding

    versions = [llvmlite.__version__, *binding.llvm_version_info]
    return digest_of_json([FORMAT, text, cpu, features, versions])


def read(key: str) -> bytes | None:
    """Machine code that was kept under `key`; None: there is none, or the file is damaged."""
    path = _path(key)
    if path is None:
        return None
    try:
        content = path.read_bytes()
    except OSError:
        return None
    checksum, machine_code = content[:DIGEST_LENGTH], content[DIGEST_LENGTH:]
    return machine_code if checksum == digest_of_bytes(machine_code).encode() else None


def write(key: str, machine_code: bytes) -> None:
    """Keep machine code under `key`, where the folder can be written."""
    path = _path(key)
    if path is not None:
        with suppress(ToolkitError):
            write_bytes(path, digest_of_bytes(machine_code).encode() + machine_code)


def _path(key: str) -> Path | None:
    chosen = os.environ.get("TOOLKIT_CACHE")
    if chosen:
        return Path(chosen) / "kernels" / key
    try:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # a user without a home folder
        return None
    return caches / "channel-toolkit" / "kernels" / key
