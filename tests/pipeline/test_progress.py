"""Long work tells how far it is."""

import io
import itertools

import pytest

from toolkit.pipeline import progress
from toolkit.pipeline.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It says so."""
        return True


def test_a_terminal_sees_a_bar() -> None:
    stream = Terminal()
    with Progress("ensemble a", 10, stream=stream) as shown:
        shown.reach(0, 5)
        shown.reach(1, 5)
    assert "ensemble a" in stream.getvalue()
    assert "10/10" in stream.getvalue()


def test_a_log_sees_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0.0, 6.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    with Progress("ensemble a", 100, stream=stream) as shown:
        for step in range(1, 7):
            shown.reach(0, 10 * step)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "ensemble a: 10 %"
    assert lines[1].startswith("ensemble a: 30 %, about ")
    assert lines[1].endswith(" left")
    assert len(lines) < 6


def test_steps_of_an_earlier_process_do_not_count_as_speed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([0.0, 1.0, 2.0, 12.0, 12.0, 12.0, 12.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    with Progress("a", 100, stream=stream) as shown:
        shown.reach(0, 80)  # resumed from a checkpoint at 80
        shown.reach(0, 81)
    assert stream.getvalue() == "a: 81 %, about 3 min 29 s left\n"
