"""Trainings are compared bit by bit, and the last bits depend on the number of threads."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext

import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """One thread, as `toolkit.execution` has it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Real processes that start at once, because torch is imported before they fork."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.training.examples"])
    return context
