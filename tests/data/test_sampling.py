"""Images chosen by their factors."""

import numpy as np
import pytest

from tests.data.examples import grid_set
from toolkit.data.images import ImageSet
from toolkit.data.sampling import (
    FactorIndex,
    manhattan,
    sample_factors,
    sample_fixed,
    sample_partners,
    sample_triplets,
    sample_varied,
)
from toolkit.errors import ToolkitError

SIZES = (3, 1, 6, 10)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_factors_are_uniform_and_independent() -> None:
    values = sample_factors((2, 3), 60_000, generator=rng())
    counts = np.bincount(values @ [3, 1], minlength=6)
    np.testing.assert_allclose(counts, 10_000, atol=400)


def test_a_fixed_factor_has_one_value_and_the_others_all() -> None:
    seen = set()
    for seed in range(40):
        values = sample_fixed(SIZES, 200, factor=2, generator=rng(seed))
        assert len(set(values[:, 2])) == 1
        assert set(values[:, 0]) == {0, 1, 2}
        seen.add(int(values[0, 2]))
    assert seen == set(range(6))


def test_a_varied_factor_walks_through_its_values() -> None:
    walk = sample_varied(SIZES, factor=2, generator=rng())
    assert walk[:, 2].tolist() == [0, 1, 2, 3, 4, 5]
    assert (walk[:, [0, 1, 3]] == walk[0, [0, 1, 3]]).all()


@pytest.mark.parametrize("changed", [(1, 1), (1, 3), (2, 2), (0, 3), (3, 3)])
@pytest.mark.parametrize("radius", [None, (1, 1), (1, 2)])
def test_changed_factors_really_change(
    changed: tuple[int, int], radius: tuple[int, int] | None
) -> None:
    anchors = sample_factors(SIZES, 3000, generator=rng())
    partners = sample_partners(anchors, SIZES, changed=changed, radius=radius, generator=rng(1))
    assert (partners >= 0).all()
    assert (partners < SIZES).all()
    steps = np.abs(partners - anchors)
    number = (steps > 0).sum(axis=1)
    assert set(number) == set(range(changed[0], changed[1] + 1))
    if radius:
        assert steps.max() <= radius[1]


def test_new_values_are_uniform_among_the_others() -> None:
    anchors = np.full((30_000, 1), 2)
    partners = sample_partners(anchors, (4,), changed=(1, 1), generator=rng())
    counts = np.bincount(partners[:, 0], minlength=4)
    assert counts[2] == 0
    np.testing.assert_allclose(counts[[0, 1, 3]], 10_000, atol=400)


def test_every_factor_is_chosen_as_often() -> None:
    anchors = np.zeros((30_000, 4), dtype=np.int64)
    partners = sample_partners(anchors, (3, 1, 6, 10), changed=(1, 1), generator=rng())
    counts = (partners != anchors).sum(axis=0)
    assert counts[1] == 0
    np.testing.assert_allclose(counts[[0, 2, 3]], 10_000, atol=400)


def test_the_generator_alone_decides() -> None:
    anchors = sample_factors(SIZES, 100, generator=rng())
    first, twin, other = (
        sample_partners(anchors, SIZES, changed=(1, 3), generator=rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, twin)
    assert (first != other).any()


def test_the_positive_is_never_farther_than_the_negative() -> None:
    anchors = sample_factors(SIZES, 3000, generator=rng())
    near, far = sample_triplets(anchors, SIZES, positive=(1, 3), negative=(1, 3), generator=rng(1))
    assert (manhattan(anchors, near) <= manhattan(anchors, far)).all()
    assert (manhattan(anchors, near) > 0).all()
    assert (manhattan(anchors, near) < manhattan(anchors, far)).mean() > 0.5


@pytest.mark.parametrize("changed", [(0, 4), (2, 1), (-1, 1)])
def test_more_changes_than_factors_are_refused(changed: tuple[int, int]) -> None:
    with pytest.raises(ToolkitError) as caught:
        sample_partners(np.zeros((1, 4), dtype=np.int64), SIZES, changed=changed, generator=rng())
    assert str(caught.value) == (
        f"{changed[0]} to {changed[1]} factors shall change, but 3 can: "
        "their sizes are (3, 1, 6, 10)."
    )


@pytest.mark.parametrize("radius", [(0, 2), (2, 1), (2, 5)])
def test_a_radius_that_some_value_cannot_move_is_refused(radius: tuple[int, int]) -> None:
    with pytest.raises(ToolkitError) as caught:
        sample_partners(
            np.zeros((1, 1), dtype=np.int64), (3,), changed=(1, 1), radius=radius, generator=rng()
        )
    assert str(caught.value) == (
        f"a factor of size 3 cannot always move by {radius[0]} to {radius[1]} steps. "
        "Set the radius to start between 1 and 1 and to end no earlier."
    )


def test_images_are_found_by_their_factors() -> None:
    image_set = grid_set(4, 5, 6)
    shuffled = rng().permutation(120)
    assert image_set.factors is not None
    mixed = ImageSet(
        name="mixed",
        images=image_set.images[shuffled],
        factors=image_set.factors[shuffled],
        factor_names=image_set.factor_names,
        factor_sizes=image_set.factor_sizes,
    )
    wanted = sample_factors((4, 5, 6), 500, generator=rng(1))
    found = FactorIndex(mixed).find(wanted, generator=rng(2))
    assert mixed.factors is not None
    np.testing.assert_array_equal(mixed.factors[found], wanted)


def test_among_several_images_one_is_drawn() -> None:
    image_set = ImageSet(
        name="labels",
        images=np.zeros((9, 1, 2, 2), dtype=np.uint8),
        factors=np.array([[0], [2], [0], [2], [0], [2], [0], [2], [2]]),
        factor_names=("label",),
        factor_sizes=(3,),
    )
    found = FactorIndex(image_set).find(np.full((1000, 1), 2), generator=rng())
    assert set(found) == {1, 3, 5, 7, 8}
    with pytest.raises(ToolkitError) as caught:
        FactorIndex(image_set).find(np.array([[0], [1]]), generator=rng())
    assert str(caught.value) == (
        "no image has the factor values {'label': 1}. Sample from those that exist."
    )


def test_images_without_factors_cannot_be_found() -> None:
    with pytest.raises(ToolkitError) as caught:
        FactorIndex(ImageSet(name="bare", images=np.zeros((1, 1, 2, 2), dtype=np.uint8)))
    assert str(caught.value) == (
        "the factors of bare are not known: no image can be chosen by them."
    )
