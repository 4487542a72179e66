"""What many tests need."""

import os
from collections.abc import Iterator
from pathlib import Path

import jaxtyping
import pytest

from tests.small import built as built
from tests.small import copy as copy
from tests.small import params as params
from toolkit import threads

NOBODY = 65534


@pytest.fixture
def unchecked() -> Iterator[None]:
    """Without run-time shape checks, as users run the toolkit."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As members are trained and asked; the last bits depend on it."""
    with threads.one_thread():
        yield


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[Path]:
    """A folder that this process may not write to, even where the suite is run by root."""
    folder = tmp_path / "forbidden"
    folder.mkdir(mode=0o555)
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    yield folder
    os.seteuid(before)
