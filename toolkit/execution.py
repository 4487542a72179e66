"""Running generators over blocks of work: here, or on worker processes.

Work is a generator function of one block; what it yields reaches the caller as it happens, with the
position of the block, and what it returns arrives last as `Done`. Everything runs with one thread a
worker, so a result does not depend on where it was computed. Workers write no shared output, and
end by themselves when the coordinator is killed: their pipe to it breaks.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, TypeVar

import torch

from toolkit.errors import ToolkitError

Block = TypeVar("Block")
Work = Callable[[Block], Generator[Any, None, Any]]


@dataclass(frozen=True)
class Done:
    """What the work on a block returned."""

    value: Any


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
    with _one_thread():
        for position, block in enumerate(blocks):
            value = yield from _numbered(position, work(block))
            yield position, Done(value)


def processes(workers: int) -> Execute:
    """Worker processes, each with one thread, each taking the next block when it is free.

    Raises:
        ToolkitError: a worker ended without an answer, as when memory ran out.
    """

    def execute(work: Work[Block], blocks: Sequence[Block]) -> Iterator[tuple[int, Any]]:
        context = multiprocessing.get_context("spawn")
        waiting = deque(enumerate(blocks))
        team: dict[Connection, Any] = {}
        try:
            for _ in range(min(workers, len(blocks))):
                here, there = context.Pipe()
                worker = context.Process(target=_serve, args=(there, work), daemon=True)
                worker.start()
                there.close()
                team[here] = worker
                here.send(waiting.popleft())
            yield from _listen(team, waiting)
        finally:
            for connection, worker in team.items():
                connection.close()
                worker.terminate()
                worker.join()

    return execute


def best(count: int) -> Execute:
    """One worker a core when there is more than one block and more than one core; else serial."""
    workers = min(count, len(os.sched_getaffinity(0)))
    return processes(workers) if workers > 1 else serial


def _listen(
    team: dict[Connection, Any], waiting: deque[tuple[int, Any]]
) -> Iterator[tuple[int, Any]]:
    busy = set(team)
    while busy:
        for connection in wait(list(busy)):
            if not isinstance(connection, Connection):
                continue
            try:
                position, event = connection.recv()
            except EOFError as error:
                worker = team[connection]
                worker.join()
                raise ToolkitError(
                    f"a worker process ended with code {worker.exitcode} before its work was done; "
                    "memory may have run out. Run the same command again: finished work is kept."
                ) from error
            if isinstance(event, BaseException):
                raise event
            yield position, event
            if isinstance(event, Done):
                if waiting:
                    connection.send(waiting.popleft())
                else:
                    busy.discard(connection)


def _serve(connection: Connection, work: Work[Any]) -> None:
    """A worker's life: take a block, tell what happens, until the pipe is closed."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator decides, and stops its workers
    while True:
        try:
            position, block = connection.recv()
        except (EOFError, ConnectionError):
            return
        try:
            for event in _with_end(work(block)):
                connection.send((position, event))
        except BrokenPipeError:
            return
        except ToolkitError as error:
            connection.send((position, ToolkitError(str(error))))


def _with_end(generator: Generator[Any, None, Any]) -> Iterator[Any]:
    value = yield from generator
    yield Done(value)


def _numbered(
    position: int, generator: Generator[Any, None, Any]
) -> Generator[tuple[int, Any], None, Any]:
    while True:
        try:
            event = next(generator)
        except StopIteration as end:
            return end.value
        yield position, event


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
