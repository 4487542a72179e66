"""The page of networks gives the number of parameters that each one learns."""

import re

import pytest

from tests.networks.builds import built, count
from tests.test_documents import table
from toolkit.networks import NETWORKS


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_listed_with_the_numbers_that_it_learns(name: str) -> None:
    cell = table("reference/networks.md")[name][3]
    found = re.fullmatch(r"([\d,]+) at (\d) × (\d+) × (\d+)", cell)
    assert found is not None
    numbers, colours, height, width = (int(text.replace(",", "")) for text in found.groups())
    assert count(built(NETWORKS[name](), (colours, height, width))) == numbers
