"""Parts of one table on all cores: a thread each, and inside it torch with one thread.

Torch's own threads split every small step of the work and wait for one another after each; on
matrices that fit the cache that costs a quarter of the time. Parts are large, do not depend on the
number of threads, and their results are taken in order, so neither do the numbers, to the last bit.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Part = TypeVar("Part")
Place = TypeVar("Place")
Result = TypeVar("Result")


def in_threads(
    work: Callable[[Place, Part], Result],
    parts: Sequence[Part],
    take: Callable[[Part, Result], None],
    *,
    place: Callable[[], Place],
    device: torch.device,
) -> None:
    """Do `work` on every part, as many at once as torch has threads, and hand on each result.

    Arguments:
        work: called in any thread with a place of its own and a part; it must not change what
            others read.
        parts: in the order in which their results are taken.
        take: called with a part and its result, in this thread and in order, before the place of
            the result is used again.
        place: makes the memory that one thread works in, once for each. New memory for each part
            would cost as much as the arithmetic.
        device: where the work is done. A device other than the processor works in parallel itself.

    >>> def power(place, part):
    ...     return part ** len(place)
    >>> in_threads(power, [1, 2, 3], print, place=lambda: "ab", device=torch.device("cpu"))
    1 1
    2 4
    3 9
    """
    threads = torch.get_num_threads() if device.type == "cpu" else 1
    places = [place() for _ in range(min(threads, len(parts)))]
    if threads == 1:
        for part in parts:
            take(part, work(places[0], part))
        return
    with one_thread(), ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(parts), threads):
            some = parts[start : start + threads]
            for part, result in zip(some, pool.map(work, places, some), strict=True):
                take(part, result)


@contextmanager
def one_thread() -> Iterator[None]:
    """Threads that start inside, and this one, give torch one thread; later as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
