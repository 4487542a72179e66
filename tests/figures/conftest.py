"""An empty Axes in the style of the toolkit."""

from collections.abc import Iterator

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from toolkit.figures import quiet


@pytest.fixture
def axes() -> Iterator[Axes]:
    with quiet():
        yield Figure(figsize=(5, 4), layout="constrained").add_subplot()
