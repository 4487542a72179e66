"""Long work tells how far it is: a bar on a terminal, a line now and then otherwise."""

import sys
import time
from types import TracebackType
from typing import Any, Protocol, runtime_checkable

from tqdm import tqdm

PAUSE = 10.0  # seconds between two lines


@runtime_checkable
class Stream(Protocol):
    """Where progress is told: a terminal or a log."""

    def write(self, text: str, /) -> int:
        """Take a piece of text."""
        ...

    def flush(self) -> None:
        """Pass on what was taken."""
        ...

    def isatty(self) -> bool:
        """Whether a person is looking at a terminal."""
        ...


class Progress:
    """Counts units of work done by several workers and says how long the rest will take.

    Arguments:
        title: what is being done.
        total: units in all.
        stream: where to tell; standard error if not given.
    """

    def __init__(self, title: str, total: int, *, stream: Stream | None = None) -> None:
        self._title = title
        self._total = total
        self._stream: Stream = stream or sys.stderr
        self._done = 0
        self._reached: dict[int, int] = {}
        self._told = time.monotonic()
        self._start: float | None = None
        self._worked = 0
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> "Progress":
        if self._stream.isatty():
            self._bar = tqdm(total=self._total, desc=self._title, file=self._stream, unit="step")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def reach(self, position: int, units: int) -> None:
        """Piece of work `position` has done `units` of its units, earlier processes included."""
        before = self._reached.get(position)
        gained = units - (before or 0)
        self._reached[position] = units
        self._done += gained
        if self._start is None:
            self._start = time.monotonic()  # workers have started: their speed can be known
        elif before is not None:
            self._worked += gained
        if self._bar is not None:
            self._bar.update(gained)
        elif time.monotonic() - self._told >= PAUSE:
            self._told = time.monotonic()
            line = f"{self._title}: {100 * self._done / max(self._total, 1):.0f} %"
            if self._worked:
                left = (time.monotonic() - self._start) / self._worked * (self._total - self._done)
                line += f", about {duration(left)} left"
            self._stream.write(line + "\n")
            self._stream.flush()


def duration(seconds: float) -> str:
    """A length of time in words.

    >>> duration(42.0), duration(100.0), duration(7300.0)
    ('42 s', '1 min 40 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
