"""Train and held out."""

import numpy as np
import pytest

from tests.data.examples import grid_set
from toolkit.data.images import ImageSet
from toolkit.data.split import split, split_combinations
from toolkit.errors import ToolkitError, UnknownNameError


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.9])
def test_every_image_is_on_one_side_once(share: float) -> None:
    train, away = split(1001, held_out=share, seed=3)
    assert len(away) == round(1001 * share)
    assert sorted([*train, *away]) == list(range(1001))
    assert (np.diff(train) > 0).all()
    assert (np.diff(away) > 0).all()


def test_the_seed_alone_decides() -> None:
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - that it is left alone
    first, twin, other = (split(1000, held_out=0.5, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, twin)
    assert not np.array_equal(first, other)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ToolkitError) as caught:
        split(10, held_out=share, seed=0)
    assert str(caught.value) == (
        f"the held-out share is {share}; it must be at least 0 and below 1. "
        "Change `held_out` in params.yaml."
    )


def test_a_split_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        split(2, held_out=0.9, seed=0)
    assert str(caught.value) == (
        "holding out 0.9 of 2 images leaves none to train on. Lower `held_out` in params.yaml."
    )


def test_held_out_combinations_never_train() -> None:
    image_set = grid_set(4, 5, 3)
    train, away = split_combinations(image_set, over=["a", "c"], held_out=0.25, seed=1)
    assert image_set.factors is not None
    seen = {tuple(row) for row in image_set.factors[train][:, [0, 2]].tolist()}
    hidden = {tuple(row) for row in image_set.factors[away][:, [0, 2]].tolist()}
    assert len(hidden) == 3
    assert not seen & hidden
    assert len(seen) == 9
    assert sorted([*train, *away]) == list(range(60))


def test_combinations_go_by_factors_that_exist() -> None:
    with pytest.raises(UnknownNameError) as caught:
        split_combinations(grid_set(2, 2), over=["aa"], held_out=0.5, seed=0)
    assert str(caught.value) == "no factor of grid is called 'aa'. Did you mean 'a'?"


def test_combinations_of_nothing_are_refused() -> None:
    bare = ImageSet(name="bare", images=np.zeros((3, 1, 2, 2), dtype=np.uint8))
    with pytest.raises(ToolkitError) as caught:
        split_combinations(bare, over=[], held_out=0.5, seed=0)
    assert str(caught.value) == "no factor of bare was named to go by."
