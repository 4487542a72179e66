import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from tests.disentanglement import golden
from toolkit.disentanglement.information.table import (
    cut,
    entropy_of_counts,
    information_table,
    mutual_information,
)
from toolkit.errors import ToolkitError


@pytest.mark.parametrize("case", golden.CASES)
def test_binned_information_is_that_of_the_reference(case: str) -> None:
    table = information_table(*golden.sample(case))
    assert table.mutual == pytest.approx(golden.matrix(case, "mi_nats"), abs=1e-9, rel=1e-8)
    entropy = golden.arrays("metrics_inputs_and_matrices")["factor_entropy_nats"]
    assert table.factor_entropy == pytest.approx(entropy, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_counting_agrees_with_scikit_learn(seed: int) -> None:
    first, other = np.random.default_rng(seed).integers(0, 5, size=(2, 200))
    assert mutual_information(first, other) == pytest.approx(
        mutual_info_score(first, other), abs=1e-12
    )


@pytest.mark.parametrize(
    ("counts", "nats"),
    [
        pytest.param([1, 1, 1, 1], np.log(4), id="four alike: log 4"),
        pytest.param([5, 0], 0.0, id="one value: nothing"),
        pytest.param([1, 3], np.log(4) - 0.75 * np.log(3), id="quarter and rest"),
    ],
)
def test_entropy_of_counts(counts: list[int], nats: float) -> None:
    assert entropy_of_counts(np.array(counts, dtype=float)) == pytest.approx(nats)


def test_a_constant_channel_is_one_bin_and_tells_nothing() -> None:
    factors = np.arange(6)[:, None] % 3
    table = information_table(np.full((6, 1), 0.3), factors)
    assert table.mutual.item() == 0.0
    assert table.channel_entropy.item() == 0.0


def test_integer_codes_are_symbols_and_floats_are_cut() -> None:
    codes = np.array([0, 1, 1000])
    assert cut(codes).tolist() == [0, 1, 2]
    assert cut(codes.astype(float)).tolist() == [0, 0, 19]


def test_one_bin_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        cut(np.array([0.0, 1.0]), bins=1)
    assert str(caught.value) == "`bins` is 1; it must be at least 2."
