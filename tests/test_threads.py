"""Parts in threads: their order, their scratch memory, and the number of threads afterwards."""

from collections.abc import Iterator

import pytest
import torch

from tests.information.channels.known import random_channels
from toolkit.information import compare_channels, information_intervals
from toolkit.threads import in_threads

CPU = torch.device("cpu")


@pytest.fixture
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_threads")
def test_results_come_in_order_and_every_thread_has_its_scratch() -> None:
    made: list[list[int]] = []
    taken: list[tuple[int, int]] = []

    def scratch() -> list[int]:
        made.append([])
        return made[-1]

    def work(mine: list[int], part: int) -> int:
        mine.append(part)
        return 10 * part + torch.get_num_threads()

    in_threads(work, range(8), lambda *pair: taken.append(pair), scratch=scratch, device=CPU)
    assert taken == [(part, 10 * part + 1) for part in range(8)]
    assert made == [[0, 3, 6], [1, 4, 7], [2, 5]]


@pytest.mark.usefixtures("three_threads")
def test_an_error_in_a_thread_is_raised_and_the_threads_of_torch_are_as_before() -> None:
    def fail(_: None, part: int) -> int:
        return 1 // part

    with pytest.raises(ZeroDivisionError):
        in_threads(fail, [1, 0, 1], lambda *_: None, scratch=lambda: None, device=CPU)
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_threads")
def test_the_numbers_do_not_depend_on_how_many_threads_there_are() -> None:
    given = random_channels(70, images=150, seed=0)
    many = compare_channels(*given)
    spread = information_intervals(*given, generator=torch.Generator().manual_seed(0))
    torch.set_num_threads(1)
    one = compare_channels(*given)
    same = information_intervals(*given, generator=torch.Generator().manual_seed(0))
    assert torch.equal(many.vi, one.vi)
    assert torch.equal(many.information, one.information)
    assert torch.equal(spread.low, same.low)
