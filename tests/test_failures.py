"""However a command ends: a sentence, an exit code, and a traceback only in a file."""

import re
from pathlib import Path

import pytest

from toolkit.errors import ToolkitError
from toolkit.failures import errors_as_messages


def ended(error: BaseException) -> int | str | None:
    """The exit code of a process in which this is raised."""
    with pytest.raises(SystemExit) as caught, errors_as_messages():
        raise error
    return caught.value.code


def test_what_a_person_can_put_right_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(ToolkitError("it is wrong. Mend it.")) == 1
    assert capsys.readouterr().err == "error: it is wrong. Mend it.\n"


def test_an_interrupted_command_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "stopped. Run the same command again to go on from here.\n"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (KeyError(), "KeyError"),
        (RuntimeError("two\nlines\x1b[31m"), "RuntimeError: two lines[31m"),
        (RuntimeError("x" * 500), f"RuntimeError: {'x' * 183}..."),
        (RecursionError("deep"), "RecursionError: deep"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_unexpected_is_a_sentence_and_its_traceback_is_kept(
    error: Exception,
    shown: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    (tmp_path / "params.yaml").touch()
    assert ended(error) == 1
    (path,) = tmp_path.glob(".toolkit/tracebacks/*.txt")
    assert capsys.readouterr().err == (
        f"error: something unexpected happened ({shown}). The "
        f"traceback is in {path.relative_to(tmp_path)}; please report it with that file.\n"
    )
    assert "Traceback (most recent call last)" in path.read_text()
    assert "raise error" in path.read_text()


def test_outside_a_project_the_traceback_is_a_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert ended(ValueError("odd")) == 1
    (path,) = (tmp_path / "temporary").iterdir()
    assert re.search(rf"The traceback is in {path};", capsys.readouterr().err)
    assert not (tmp_path / ".toolkit").exists()
