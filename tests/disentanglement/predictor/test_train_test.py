import numpy as np
import pytest

from toolkit.disentanglement.predictor.train_test import part_rows, standardise
from toolkit.errors import ToolkitError


def test_held_out_rows_and_training_rows_are_all_rows_once() -> None:
    parts = part_rows(10, split="held_out", seed=3)
    assert len(parts.test) == 3
    assert sorted([*parts.train, *parts.test]) == list(range(10))
    assert part_rows(10, split="held_out", seed=4).test.tolist() != parts.test.tolist()


@pytest.mark.parametrize("split", [0, 10, -1, True, "test"])
def test_other_ways_to_part_rows_are_refused(split: int | str, unchecked: None) -> None:
    with pytest.raises(ToolkitError) as caught:
        part_rows(10, split=split, seed=0)
    assert str(caught.value) == (
        f"`split` is {split!r}; it must be 'in_sample', 'held_out', or a number of last rows "
        "between 1 and 9."
    )


def test_channels_are_scaled_by_training_rows_alone() -> None:
    codes = np.array([[0.0, 1.0], [2.0, 1.0], [7.0, 9.0]])
    scaled, spread = standardise(codes, train=np.array([0, 1]))
    assert scaled.tolist() == [[-1.0, 0.0], [1.0, 0.0], [6.0, 0.0]]
    assert spread.tolist() == [1.0, 0.0]
