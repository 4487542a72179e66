"""Work shared among threads: a number of parts at a time, each with torch on one thread.

Torch's own threads split every small step of the work and wait for one another after each step; on
matrices that fit the cache this costs a quarter of the time. The parts here are large and do not
depend on the number of threads, and their results are taken in order, so the numbers are the same
to the last bit with any number of threads.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Part = TypeVar("Part")
Scratch = TypeVar("Scratch")
Result = TypeVar("Result")


def cores() -> int:
    """Processor cores that this process may use, or that the machine has where only that is known.

    >>> cores() >= 1
    True
    """
    affinity = getattr(os, "sched_getaffinity", None)  # absent on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def in_threads(
    work: Callable[[Scratch, Part], Result],
    parts: Sequence[Part],
    take: Callable[[Part, Result], None],
    *,
    scratch: Callable[[], Scratch],
    device: torch.device,
) -> None:
    """Do `work` on every part, on as many threads as torch has, and pass on each result.

    Arguments:
        work: called in any thread with scratch memory of its own and a part; it must not change
            what other threads read.
        parts: in the order in which their results are taken.
        take: called with a part and its result, in the calling thread and in order, before the
            scratch memory of that result is used again.
        scratch: allocates the memory that one thread works in; called once per thread. New memory
            for each part would cost as much as the arithmetic.
        device: where the work is done. A device other than the CPU is parallel by itself, and gets
            one thread.

    >>> def power(scratch, part):
    ...     return part ** len(scratch)
    >>> in_threads(power, [1, 2, 3], print, scratch=lambda: "ab", device=torch.device("cpu"))
    1 1
    2 4
    3 9
    """
    threads = torch.get_num_threads() if device.type == "cpu" else 1
    memory = [scratch() for _ in range(min(threads, len(parts)))]
    if threads == 1:
        for part in parts:
            take(part, work(memory[0], part))
        return
    with one_thread(), ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(parts), threads):
            batch = parts[start : start + threads]
            for part, result in zip(batch, pool.map(work, memory, batch), strict=True):
                take(part, result)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread here and in threads started inside; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
