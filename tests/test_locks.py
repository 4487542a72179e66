import os
import platform
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from toolkit.errors import ToolkitError
from toolkit.locks import exclusive

NAMED = """
import sys
from pathlib import Path
from toolkit.locks import exclusive

with exclusive(Path(sys.argv[1]), "task a"):
    print("held", flush=True)
    sys.stdin.readline()
"""
NAMELESS = """
import sys
from filelock import FileLock

with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holder(script: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends, or it is killed."""
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_lock_is_free_again_after_the_block(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "a.lock"
    for _ in range(2):
        with exclusive(path, "task a"), pytest.raises(OSError, match="could not be acquired"):
            FileLock(path).acquire(timeout=0)
    FileLock(path).acquire(timeout=0).lock.release()


def test_a_lock_is_free_again_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(KeyError), exclusive(tmp_path / "a.lock", "task a"):
        raise KeyError
    with exclusive(tmp_path / "a.lock", "task a"):
        pass


@pytest.mark.parametrize(("script", "killed"), [(NAMED, True), (NAMELESS, False)])
def test_a_second_process_says_who_works_and_waits_for_its_end(
    script: str, killed: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.lock"
    with holder(script, path) as process:
        assert process.stdin is not None
        end = process.kill if killed else process.stdin.close
        timer = threading.Timer(0.3, end)
        timer.start()
        with exclusive(path, "task a"):
            timer.join()
            process.wait()
            assert path.read_text().startswith(f"process {os.getpid()} on ")
    name = f"process {process.pid} on {platform.node()}" if script == NAMED else "another process"
    expected = f"{name} is working on task a; waiting until it ends\n"
    assert capsys.readouterr().err == expected


def test_a_process_does_not_wait_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with exclusive(path, "task a"):
        with pytest.raises(ToolkitError) as caught, exclusive(path, "task a"):
            pass
        with exclusive(tmp_path / "b.lock", "task b"):
            pass
    assert str(caught.value) == (
        "this process is already working on task a. Finish or close that work first."
    )


def test_a_lock_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file where a folder should be")
    path = tmp_path / "locks" / "a.lock"
    with pytest.raises(ToolkitError) as caught, exclusive(path, "a", remedy="ask somebody"):
        pass
    assert str(caught.value) == (
        f"{path} cannot be written (File exists). "
        "Give yourself permission to write there, or ask somebody."
    )
