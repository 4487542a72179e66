import numpy as np
import pytest

from toolkit.disentanglement.predictor.bins import bin_channels


def some(rows: int, *, ties: bool) -> np.ndarray:
    codes = np.random.default_rng(rows).normal(size=(rows, 3))
    codes[:, 2] = 0.5  # a constant channel
    return codes.round(1) if ties else codes


def test_by_hand() -> None:
    bins = bin_channels(np.array([[5.0], [1.0], [9.0], [5.0]]), width=2)
    assert bins.rank.tolist() == [[1, 0, 2, 1]]
    assert bins.order.tolist() == [[1, 0, 3, 2]]
    assert bins.end.tolist() == [[1, 3, 4]]
    # the second bin may start at the third row only by parting the two fives: it takes both
    assert bins.start.tolist() == [[0, 1, 4]]
    assert bins.last.tolist() == [[0, 2]]
    assert bins.divisible.tolist() == [[False, True]]
    assert bins.bin_of.tolist() == [[1], [0], [1], [1]]
    assert bins.members.toarray().tolist() == [[0, 1, 0, 0], [1, 0, 1, 1]]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("width", [1, 7, 64, 500])
def test_every_row_lies_in_one_bin_of_each_channel_and_equal_values_in_the_same(
    width: int, ties: bool
) -> None:
    codes = some(200, ties=ties)
    bins = bin_channels(codes, width=width)
    channels, count = bins.last.shape
    assert count <= width
    assert np.asarray(bins.members.sum(axis=0)).tolist() == [channels] * 200
    rows, columns = np.nonzero(np.diff(codes.T[:, :, None] - codes.T[:, None, :]) == 0)[:2]
    assert len(rows) == len(columns)
    for j, column in enumerate(codes.T):
        for value in np.unique(column):
            assert len(set(bins.bin_of[column == value, j].tolist())) == 1
        assert (np.diff(column[bins.order[j]]) >= 0).all()


def test_values_closer_than_single_precision_tells_are_one() -> None:
    bins = bin_channels(np.array([[1.0], [1.0 + 1e-9], [1.0 + 5e-8], [1.1]]))
    assert bins.rank.tolist() == [[0, 0, 0, 1]]
