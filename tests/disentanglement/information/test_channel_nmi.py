import numpy as np
import pytest

from toolkit.disentanglement.information.channel_nmi import channel_nmi
from toolkit.errors import ToolkitError

GRID = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def test_best_and_gap_by_hand() -> None:
    nmi = np.array([[0.9, 0.1], [0.2, 0.4], [0.3, 0.3]])
    answer = channel_nmi(np.zeros((4, 3)), GRID, seed=0, nmi=nmi)
    assert answer.values["channel_nmi"] == pytest.approx(0.65)
    assert answer.values["channel_nmi_gap"] == pytest.approx((0.6 + 0.1) / 2)


def test_silent_channels_and_still_factors_are_no_nan() -> None:
    factors = np.column_stack([GRID, np.zeros(4, dtype=int)])
    nmi = np.array([[1.0, 0.0, np.nan], [np.nan, np.nan, np.nan]])
    answer = channel_nmi(np.zeros((4, 2)), factors, seed=0, nmi=nmi)
    assert answer.values == {"channel_nmi": 0.5, "channel_nmi_gap": 0.5}
    assert answer.factors == (0, 1)


def test_a_table_of_another_shape_is_refused(unchecked: None) -> None:
    with pytest.raises(ToolkitError) as caught:
        channel_nmi(np.zeros((4, 3)), GRID, seed=0, nmi=np.eye(2))
    assert str(caught.value) == (
        "NMI is (2, 2), but there are 3 channels and 2 factors. "
        "Pass a row per channel, a column per factor."
    )
