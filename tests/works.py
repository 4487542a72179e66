"""Generators of work that worker processes can import."""

import os
import signal
import time
from collections.abc import Generator
from typing import Any

import torch

from toolkit.errors import UnknownNameError


def count(block: int) -> Generator[int, None, int]:
    """Yields 0 to block - 1; returns ten times the block."""
    yield from range(block)
    return 10 * block


def threads(block: int) -> Generator[str, None, int]:
    yield "begun"
    return torch.get_num_threads()


def refuse(block: int) -> Generator[str, None, None]:
    yield "begun"
    raise UnknownNameError("network", "burges", ["burgess"])


def be_faulty(block: int) -> Generator[str, None, None]:
    yield "begun"
    raise RuntimeError("a mistake in the code")


def be_killed(block: int) -> Generator[str, None, None]:
    yield "begun"
    os.kill(os.getpid(), signal.SIGKILL)


def fall_silent(block: int) -> Generator[int, None, None]:
    """Tells its process, and nothing more for an hour."""
    yield os.getpid()
    time.sleep(3600)


class Stillborn:
    """Work that ends the worker before it has read its first block."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (3,)

    def __call__(self, block: int) -> Generator[None, None, None]:
        yield None
