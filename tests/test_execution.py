import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.works import Stillborn, be_faulty, be_killed, count, fall_silent, refuse, threads
from toolkit import execution
from toolkit.errors import ToolkitError
from toolkit.execution import Done, best, processes, serial
from toolkit.threads import cores

ROOT = Path(__file__).parents[1]
COORDINATOR = """
from tests.works import fall_silent
from toolkit.execution import processes

if __name__ == "__main__":
    for _, pid in processes(2)(fall_silent, [0, 1]):
        print(pid, flush=True)
"""


def is_running(pid: int) -> bool:
    """Whether a process is there and is more than an entry that nobody has collected."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def has_ended(*pids: int) -> bool:
    """Whether all processes end within seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not any(is_running(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def test_serial_tells_what_happens_in_order() -> None:
    assert list(serial(count, [2, 0, 1])) == [
        (0, 0),
        (0, 1),
        (0, Done(20)),
        (1, Done(0)),
        (2, 0),
        (2, Done(10)),
    ]


def test_processes_tell_the_same_each_block_in_order() -> None:
    events = list(processes(2)(count, [3, 0, 2]))
    assert len(events) == 8
    for block in range(3):
        told = [event for position, event in events if position == block]
        assert told == [event for at, event in serial(count, [3, 0, 2]) if at == block]


class Wire(Connection):
    """The worker's end of a pipe that brings one block."""

    def __init__(self, block: int) -> None:
        self._handle = None
        self.waiting = [(0, block)]
        self.sent: list[tuple[int, list[Any]]] = []

    def recv(self) -> tuple[int, int]:
        if not self.waiting:
            raise EOFError
        return self.waiting.pop()

    def send(self, obj: tuple[int, list[Any]]) -> None:
        self.sent.append(obj)


@pytest.mark.usefixtures("one_thread")
def test_what_a_worker_tells_in_quick_succession_travels_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(execution.signal, "signal", lambda *_: None)
    monkeypatch.setattr(execution, "keep_memory", lambda: True)
    wire = Wire(5000)
    execution._serve(wire, count)
    assert len(wire.sent) < 50
    assert wire.sent[0] == (0, [0])  # the first event does not wait
    assert [event for _, events in wire.sent for event in events] == [*range(5000), Done(50000)]


def test_no_blocks_are_no_events_and_no_worker() -> None:
    assert list(serial(count, [])) == []
    assert list(processes(2)(count, [])) == []


@pytest.mark.parametrize("stop", ["end", "failure", "abandoned"])
def test_serial_works_with_one_thread_and_gives_the_others_back(stop: str) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        if stop == "end":
            assert list(serial(threads, [0])) == [(0, "begun"), (0, Done(1))]
        elif stop == "failure":
            with pytest.raises(ToolkitError):
                list(serial(refuse, [0]))
        else:
            events: Any = serial(threads, [0])
            next(events)
            assert torch.get_num_threads() == 1
            events.close()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_serial_closes_the_work_that_is_abandoned() -> None:
    closed = []

    def work(block: int) -> Generator[int, None, None]:
        try:
            yield block
        finally:
            closed.append(block)

    events: Any = serial(work, [7])
    next(events)
    events.close()
    assert closed == [7]


def test_processes_work_with_one_thread() -> None:
    assert list(processes(1)(threads, [0])) == [(0, "begun"), (0, Done(1))]


@pytest.mark.parametrize("execute", [serial, processes(1)], ids=["serial", "processes"])
def test_a_sentence_arrives_as_a_sentence(execute: execution.Execute) -> None:
    events = execute(refuse, [0])
    assert next(events) == (0, "begun")
    with pytest.raises(ToolkitError) as caught:
        next(events)
    assert str(caught.value) == "no network is called 'burges'. Did you mean 'burgess'?"


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        pytest.param(
            be_killed,
            "was ended by signal 9 before its work was done; memory may have run out",
            id="killed",
        ),
        pytest.param(
            be_faulty,
            "ended with code 1 before its work was done; its own message stands above",
            id="faulty",
        ),
        pytest.param(
            Stillborn(),
            "ended with code 3 before its work was done; its own message stands above",
            id="before it read a block",
        ),
    ],
)
def test_a_worker_that_ends_early_is_a_sentence(
    work: Callable[[int], Generator[Any, None, Any]], reason: str
) -> None:
    with pytest.raises(ToolkitError) as caught:
        list(processes(1)(work, [0]))
    assert str(caught.value) == (
        f"a worker process {reason}. Run the same command again: finished work is kept."
    )


def test_fewer_workers_than_one_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        processes(0)
    assert str(caught.value) == "`workers` is 0; it must be at least 1."


def test_workers_end_when_nobody_listens_any_more() -> None:
    events: Any = processes(1)(fall_silent, [0])
    _, pid = next(events)
    assert is_running(pid)
    events.close()
    assert not is_running(pid)


def test_workers_end_when_their_coordinator_is_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", COORDINATOR], stdout=subprocess.PIPE, text=True, env=environment
    ) as coordinator:
        assert coordinator.stdout is not None
        workers = [int(coordinator.stdout.readline()) for _ in range(2)]
        assert all(is_running(pid) for pid in workers)
        coordinator.send_signal(signal.SIGKILL)
        coordinator.wait()
        assert has_ended(*workers)


@pytest.mark.parametrize(
    ("available", "count", "workers"),
    [(1, 8, None), (4, 1, None), (4, 0, None), (4, 3, 3), (2, 8, 2)],
)
def test_the_best_is_a_worker_a_core_and_serial_where_one_is_enough(
    monkeypatch: pytest.MonkeyPatch, available: int, count: int, workers: int | None
) -> None:
    asked: list[int] = []

    def team(workers: int) -> execution.Execute:
        asked.append(workers)
        return processes(workers)

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(available)))
    monkeypatch.setattr(execution, "processes", team)
    chosen = best(count)
    assert asked == ([] if workers is None else [workers])
    assert (chosen is serial) == (workers is None)


def test_on_a_system_without_affinity_or_glibc_all_cores_work_and_memory_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(_: str | None) -> None:
        raise OSError("no such library")

    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(execution.ctypes, "CDLL", absent)
    assert cores() == 6
    assert best(1) is serial
    assert best(2) is not serial
    assert not execution.keep_memory()
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
    assert best(2) is serial
