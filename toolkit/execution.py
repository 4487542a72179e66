"""Running generators over blocks of work: here, or on worker processes.

Work is a generator function of one block; what it yields reaches the caller as it happens, with the
position of the block, and what it returns arrives last as `Done`. Events that a worker process
yields in quick succession are sent together, so the last of them may wait for the next event. Every
worker runs one thread, so a result does not depend on where it was computed. Workers write no
shared output, and end at once when the coordinator is killed, even while their work yields nothing.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch

from toolkit.errors import ToolkitError
from toolkit.threads import cores, one_thread

Block = TypeVar("Block")
Work = Callable[[Block], Generator[Any, None, Any]]
Team = dict[Connection, SpawnProcess]

PAUSE = 0.05  # seconds between messages: each takes a third of a millisecond from busy cores


@dataclass(frozen=True)
class Done:
    """What the work on a block returned."""

    value: Any


@runtime_checkable
class Execute(Protocol):
    """Runs `work` on every block and yields (position of the block, event) as they come."""

    def __call__(self, work: Work[Block], blocks: Sequence[Block]) -> Iterator[tuple[int, Any]]: ...


def serial(work: Work[Block], blocks: Sequence[Block]) -> Iterator[tuple[int, Any]]:
    """Block after block in this process, one thread.

    >>> def double(block):
    ...     yield "begun"
    ...     return 2 * block
    >>> list(serial(double, [3]))
    [(0, 'begun'), (0, Done(value=6))]
    """
    with one_thread():
        for position, block in enumerate(blocks):
            with closing(_with_end(work(block))) as events:
                for event in events:
                    yield position, event


def processes(workers: int) -> Execute:
    """Worker processes, each with one thread, each taking the next block when it is free.

    Arguments:
        workers: largest number of processes, at least 1.

    Raises:
        ToolkitError: `workers` is less than 1; or a worker ended before its work was done, for
            example because memory ran out.
    """
    if workers < 1:
        raise ToolkitError(f"`workers` is {workers}; it must be at least 1.")

    def execute(work: Work[Block], blocks: Sequence[Block]) -> Iterator[tuple[int, Any]]:
        context = multiprocessing.get_context("spawn")
        team: Team = {}
        try:
            for _ in range(min(workers, len(blocks))):
                here, there = context.Pipe()
                worker = context.Process(target=_serve, args=(there, work), daemon=True)
                worker.start()
                there.close()
                team[here] = worker
            yield from _listen(team, deque(enumerate(blocks)))
        finally:
            for connection, worker in team.items():
                connection.close()
                worker.terminate()
                worker.join()

    return execute


def best(count: int) -> Execute:
    """One worker per core for several blocks on several cores; else serial."""
    workers = min(count, cores())
    return processes(workers) if workers > 1 else serial


def keep_memory() -> bool:
    """Let the C library keep freed memory for the next allocation; return whether it can.

    A training step frees and allocates megabytes dozens of times. By default glibc returns them to
    the system and gets them again as empty pages: a quarter of the time of a step, measured. The
    setting cannot be undone, so it is for processes that the toolkit started. Other C libraries,
    and systems other than Linux, keep their own policy.

    >>> keep_memory() in (True, False)
    True
    """
    if sys.platform != "linux":
        return False
    settings = {-3: 1 << 25, -1: 1 << 30, -2: 1 << 26}  # mmap threshold, trim threshold, top pad
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust is None:
        return False
    return all([adjust(name, value) == 1 for name, value in settings.items()])


def _listen(team: Team, waiting: deque[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """Give every worker a block, and the next one whenever it is done; pass on their events."""
    for connection, worker in team.items():
        with _alive(worker):
            connection.send(waiting.popleft())
    busy = set(team)
    while busy:
        for connection in [ready for ready in wait(list(busy)) if isinstance(ready, Connection)]:
            with _alive(team[connection]):
                position, events = connection.recv()
                if isinstance(events[-1], Done) and waiting:
                    connection.send(waiting.popleft())
                elif isinstance(events[-1], Done):
                    busy.discard(connection)
            for event in events:
                if isinstance(event, ToolkitError):
                    raise event
                yield position, event


@contextmanager
def _alive(worker: SpawnProcess) -> Iterator[None]:
    """Turn a broken pipe, even in the middle of a message, into the reason why the worker ended."""
    try:
        yield
    except (EOFError, OSError) as error:
        worker.join()
        code = worker.exitcode or 0
        reason = (
            f"was ended by signal {-code} before its work was done; memory may have run out"
            if code < 0
            else f"ended with code {code} before its work was done; its own message stands above"
        )
        raise ToolkitError(
            f"a worker process {reason}. Run the same command again: finished work is kept."
        ) from error


def _serve(connection: Connection, work: Work[Any]) -> None:
    """Main loop of a worker: receive a block, send its events, until the pipe is closed."""
    torch.set_num_threads(1)
    keep_memory()
    threading.Thread(target=_end_with_coordinator, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator decides, and stops its workers
    try:
        while True:
            position, block = connection.recv()
            events: list[Any] = []
            last = 0.0
            try:
                for event in _with_end(work(block)):
                    events.append(event)
                    if isinstance(event, Done) or time.monotonic() > last + PAUSE:
                        connection.send((position, events))
                        events, last = [], time.monotonic()
            except ToolkitError as error:  # as its base class: not every kind can be pickled
                connection.send((position, [*events, ToolkitError(str(error))]))
    except (EOFError, ConnectionError):
        return


def _end_with_coordinator() -> None:
    """Stop even work that yields no events for a long time when the coordinator is gone."""
    coordinator = multiprocessing.parent_process()
    if coordinator is not None:
        coordinator.join()
        os._exit(1)


def _with_end(generator: Generator[Any, None, Any]) -> Generator[Any, None, None]:
    value = yield from generator
    yield Done(value)
