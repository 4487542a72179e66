import numpy as np
import pytest

from tests.disentanglement import golden
from toolkit.disentanglement.information.mig import jemmig, mig, mig_sup
from toolkit.disentanglement.information.table import Binning

LOG2 = np.log(2)
PAIR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.mark.parametrize("case", golden.CASES)
def test_mig_is_that_of_the_reference(case: str) -> None:
    value = mig(*golden.sample(case), seed=0).values["mig"]
    expected = golden.numbers("metrics_dlib_scores")[case]["mig"]
    assert value == pytest.approx(expected, abs=1e-9, rel=1e-8)


@pytest.mark.parametrize(
    ("codes", "value"),
    [
        pytest.param(PAIR, 1.0, id="a channel each: all of the factor ahead"),
        pytest.param(PAIR[:, [0, 0, 1, 1]], 0.0, id="every channel twice: no gap"),
        pytest.param(PAIR[:, [0]], 0.5, id="one channel: the first factor whole, the second not"),
        pytest.param(PAIR[:, [0]] * 2 + PAIR[:, [1]], 1.0, id="one channel that tells both"),
        pytest.param(np.zeros((4, 2), dtype=int), 0.0, id="constant channels: nothing"),
    ],
)
def test_mig_by_hand(codes: np.ndarray, value: float) -> None:
    assert mig(codes, PAIR, seed=0).values["mig"] == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("codes", "value"),
    [
        pytest.param(PAIR, 1.0, id="a factor each"),
        pytest.param(PAIR[:, [0, 0]], 1.0, id="redundancy is not punished, unlike by MIG"),
        pytest.param(PAIR[:, [0]] * 2 + PAIR[:, [1]], 0.0, id="both factors alike in one channel"),
    ],
)
def test_mig_sup_by_hand(codes: np.ndarray, value: float) -> None:
    assert mig_sup(codes, PAIR, seed=0).values["mig_sup"] == pytest.approx(value, abs=1e-12)


def test_mig_sup_averages_meaningful_channels_only() -> None:
    codes = np.column_stack([PAIR, np.full(4, 0.5), 0.01 * PAIR[:, 0]]).astype(float)
    values = mig_sup(codes, PAIR, seed=0).values
    assert values["meaningful_channels"] == 2.0
    assert values["mig_sup"] == pytest.approx(1.0)
    assert values["mig_sup_all"] == pytest.approx(0.75)


def test_mig_sup_without_a_meaningful_channel_is_nothing() -> None:
    assert mig_sup(np.zeros((4, 1)), PAIR, seed=0).values["mig_sup"] == 0.0


@pytest.mark.parametrize(
    ("codes", "nats"),
    [
        pytest.param(PAIR, 0.0, id="knows the factor and nothing else"),
        pytest.param(PAIR[:, [0, 0]], (LOG2 + 2 * LOG2) / 2, id="copies: log 2; stranger: 2 log 2"),
        pytest.param(
            PAIR[:, [0]] * 2 + PAIR[:, [1]],
            2 * LOG2 - LOG2,
            id="both in one channel: joint entropy 2 log 2 less gap log 2",
        ),
    ],
)
def test_jemmig_by_hand(codes: np.ndarray, nats: float) -> None:
    assert jemmig(codes, PAIR, seed=0).values["jemmig_nats"] == pytest.approx(nats, abs=1e-12)


def test_jemmig_is_normalised_by_its_largest_value() -> None:
    strangers = np.repeat(np.arange(2), 2)[:, None]
    factor = np.tile(np.arange(2), 2)[:, None]
    values = jemmig(strangers, factor, seed=0).values
    assert values["jemmig_nats"] == pytest.approx(2 * LOG2)
    assert values["jemmig_normalised"] == pytest.approx(0.0, abs=1e-12)


def test_bins_that_are_not_used_count_in_the_bound_of_jemmig() -> None:
    values = jemmig(PAIR * 1.0, PAIR, Binning(bins=20), seed=0).values
    assert values["jemmig_normalised"] == pytest.approx(1.0)
    noise = np.random.default_rng(0).random((4000, 1))
    factor = np.tile(np.arange(2), 2000)[:, None]
    blind = jemmig(noise, factor, Binning(bins=20), seed=0).values["jemmig_normalised"]
    assert blind == pytest.approx(0.0, abs=0.01)
