import numpy as np
import pytest

from tests.disentanglement import golden
from toolkit.disentanglement.intervention.irs import IRSSettings, irs


@pytest.mark.parametrize("case", golden.CASES)
def test_irs_is_that_of_the_reference(case: str) -> None:
    codes, factors = golden.sample(case)
    expected = golden.numbers("metrics_dlib_scores")[case]
    answer = irs(codes, factors, seed=0)
    close = {"abs": 1e-9, "rel": 1e-8}
    assert answer.values["irs"] == pytest.approx(expected["irs"], **close)
    assert answer.matrices["irs"] == pytest.approx(golden.matrix(case, "irs_matrix"), **close)
    largest = golden.matrix(case, "irs_max_deviations")
    assert answer.per_channel["largest_deviation"] == pytest.approx(largest, **close)
    whole = irs(codes, factors, IRSSettings(quantile=1.0, factor_bins=20), seed=0).values["irs"]
    assert whole == pytest.approx(expected["irs_q1.0"], **close)


def test_by_hand() -> None:
    # values of the factor have means 1 and 5, deviations 1 and 3; the largest from 3 is 5
    codes = np.array([0.0, 2.0, 2.0, 8.0])[:, None]
    factors = np.array([0, 0, 1, 1])[:, None]
    values = irs(codes, factors, IRSSettings(quantile=1.0), seed=0).values
    assert values["irs"] == pytest.approx(1 - 2 / 5)


def test_constant_channels_take_no_part() -> None:
    factors = np.array([0, 0, 1, 1])[:, None]
    codes = np.column_stack([factors[:, 0], np.full(4, 0.1)])
    answer = irs(codes, factors, seed=0)
    assert answer.values == {"irs": 1.0, "active_channels": 1.0}
    assert answer.per_channel["irs"].tolist() == [1.0, 0.0]
    assert irs(np.ones((4, 2)), factors, seed=0).values == {"irs": 0.0, "active_channels": 0.0}
