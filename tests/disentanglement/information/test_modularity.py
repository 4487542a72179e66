import numpy as np
import pytest

from tests.disentanglement import golden
from toolkit.disentanglement.information.modularity import modularity, modularity_of
from toolkit.disentanglement.information.pairwise import pairwise_information


@pytest.mark.parametrize("case", golden.CASES)
def test_modularity_is_that_of_the_reference(case: str) -> None:
    value = modularity(*golden.sample(case), seed=0).values["modularity"]
    expected = golden.numbers("metrics_dlib_scores")[case]["modularity"]
    assert value == pytest.approx(expected, abs=1e-9, rel=1e-8)


@pytest.mark.parametrize(
    ("row", "value"),
    [
        pytest.param([3.0, 0.0, 0.0], 1.0, id="one factor"),
        pytest.param([2.0, 2.0, 2.0], 0.0, id="all alike"),
        pytest.param([2.0, 1.0, 1.0], 1 - 2 / 8, id="two halves: (1 + 1) / (4 * 2)"),
        pytest.param([0.0, 0.0, 0.0], 0.0, id="nothing"),
        pytest.param([0.7], 1.0, id="one factor there is"),
    ],
)
def test_modularity_by_hand(row: list[float], value: float) -> None:
    assert modularity_of(np.array([row])).item() == pytest.approx(value)


def test_silent_channels_lower_modularity_but_not_that_of_the_informative() -> None:
    grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    codes = np.column_stack([grid, np.zeros((4, 2))])
    values = modularity(codes, grid, seed=0).values
    assert values == {"modularity": 0.5, "modularity_informative": 1.0}


@pytest.mark.parametrize("case", golden.CASES)
def test_pairwise_information_is_that_of_the_reference(case: str) -> None:
    codes, _ = golden.sample(case)
    value = pairwise_information(codes, seed=0).values["pairwise_information_nats"]
    expected = golden.numbers("metrics_dlib_scores")[case]["mutual_info_score"]
    assert value == pytest.approx(expected, abs=1e-9, rel=1e-8)


def test_one_channel_shares_nothing_with_others() -> None:
    assert pairwise_information(np.eye(3)[:, :1], seed=0).values["pairwise_information_nats"] == 0.0
