import re

import pytest

from tests.networks.builds import built, count
from tests.test_readme import table
from toolkit.networks import NETWORKS


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_listed_with_the_numbers_that_it_learns(name: str) -> None:
    told = re.fullmatch(r"([\d,]+) at (\d) × (\d+) × (\d+)", table("Networks")[name][3])
    assert told is not None
    numbers, colours, height, width = (int(each.replace(",", "")) for each in told.groups())
    assert count(built(NETWORKS[name](), (colours, height, width))) == numbers


def test_no_network_is_listed_that_does_not_exist() -> None:
    assert sorted(table("Networks")) == sorted(NETWORKS)
