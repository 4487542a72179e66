"""Codes of a data set's images: the same by every way to them."""

import numpy as np
import pytest
import torch
from torch import Tensor

from toolkit.data import ImageSet
from toolkit.disentanglement import GridSampler, RowSampler
from toolkit.disentanglement.sampler import Random
from toolkit.pipeline.scores.encoded import (
    BATCH,
    EncodedImages,
    KnownFactors,
    known_factors,
    member_data_from,
)
from toolkit.posteriors import NonFiniteError

SIZES = (3, 1, 4, 30)


def images(count: int = 360, *, shuffled: bool = False) -> ImageSet:
    """A pixel a factor; whole grid in order, or a part of it, or in another order."""
    values = np.stack(np.unravel_index(np.arange(360), SIZES), axis=1).astype(np.int64)
    if shuffled:
        values = np.random.default_rng(0).permutation(values)
    values = values[:count]
    pixels = np.zeros((count, 1, 2, 2), dtype=np.uint8)
    pixels.reshape(count, 4)[:] = values
    return ImageSet(
        name="pixels",
        images=pixels,
        factors=values,
        factor_names=("a", "still", "b", "c"),
        factor_sizes=SIZES,
    )


class Counting:
    """An encoder that answers with the pixels and counts what it is shown."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, shown: Tensor) -> tuple[Tensor, Tensor]:
        self.batches.append(len(shown))
        pixels = (shown * 255).flatten(1)
        return pixels, -pixels


def encoded(encoder: Counting, of: ImageSet) -> EncodedImages:
    return EncodedImages(encoder, of, dtype=torch.float64)


def factors_of(of: ImageSet) -> KnownFactors:
    found = known_factors(of)
    assert found is not None
    return found


def test_factors_of_one_value_are_left_out() -> None:
    found = factors_of(images())
    assert found.names == ("a", "b", "c")
    assert found.sizes == (3, 4, 30)
    assert found.row_of is not None
    np.testing.assert_array_equal(found.row_of, np.arange(360))


def test_a_grid_in_any_order_is_a_grid() -> None:
    shuffled = images(shuffled=True)
    found = factors_of(shuffled)
    assert found.row_of is not None
    ordered = found.values[found.row_of]
    np.testing.assert_array_equal(ordered, factors_of(images()).values)


def test_a_grid_with_a_hole_is_none() -> None:
    assert factors_of(images(359)).row_of is None


def test_a_combination_that_is_there_twice_makes_no_grid() -> None:
    values = np.array([[0, 0], [0, 1], [1, 0], [1, 0]])
    pictures = np.zeros((4, 1, 2, 2), dtype=np.uint8)
    twice = ImageSet(
        name="twice",
        images=pictures,
        factors=values,
        factor_names=("a", "b"),
        factor_sizes=(2, 2),
    )
    assert factors_of(twice).row_of is None


def test_nothing_is_known_where_no_factor_varies() -> None:
    one = images(1)
    assert known_factors(one) is None
    assert known_factors(ImageSet(name="plain", images=one.images)) is None


def test_each_image_is_encoded_once_and_in_batches_of_one_size() -> None:
    encoder = Counting()
    codes = encoded(encoder, images())
    np.testing.assert_allclose(codes.means(np.array([7, 3, 7]))[:, 3], [7, 3, 7])
    codes.means(np.arange(360))
    codes.log_variances(np.arange(360))
    assert encoder.batches == [BATCH] * 3  # 2 images, then 358
    np.testing.assert_allclose(codes.log_variances(np.array([9])), -codes.means(np.array([9])))


def test_codes_that_are_not_finite_are_refused() -> None:
    def broken(shown: Tensor) -> tuple[Tensor, Tensor]:
        return shown.flatten(1) * torch.nan, shown.flatten(1)

    with pytest.raises(NonFiniteError):
        EncodedImages(broken, images(), dtype=torch.float32).means(np.array([0]))


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("all_encoded", [1000, 100])
def test_a_grid_gives_codes_that_belong_to_their_factors(shuffled: bool, all_encoded: int) -> None:
    of, encoder = images(shuffled=shuffled), Counting()
    made = member_data_from(
        encoded(encoder, of),
        count=360,
        factors=factors_of(of),
        images=20,
        test=5,
        seed=1,
        all_encoded=all_encoded,
    )
    assert isinstance(made.sampler, GridSampler)
    assert made.log_variance is not None
    np.testing.assert_allclose(made.codes[:, [0, 2, 3]], made.factors)
    np.testing.assert_allclose(made.codes, -made.log_variance)
    assert made.train == 15
    assert len(encoder.batches) == (2 if all_encoded == 1000 else 1)  # the large set: what was met
    drawn = made.sampler.draw(50, Random(2))
    np.testing.assert_allclose(
        made.sampler.codes(drawn)[:, [0, 2, 3]], made.sampler.factors_of(drawn)
    )


def test_a_large_grid_gives_the_codes_that_a_small_one_gives() -> None:
    of = images(shuffled=True)
    both = [
        member_data_from(
            encoded(Counting(), of),
            count=360,
            factors=factors_of(of),
            images=40,
            test=0,
            seed=3,
            all_encoded=most,
        )
        for most in (10, 1000)
    ]
    np.testing.assert_array_equal(both[0].codes, both[1].codes)
    np.testing.assert_array_equal(np.asarray(both[0].factors), np.asarray(both[1].factors))


@pytest.mark.parametrize("all_encoded", [1000, 200])
def test_images_that_are_no_grid_are_drawn_by_rows(all_encoded: int) -> None:
    of = images(350)
    made = member_data_from(
        encoded(Counting(), of),
        count=350,
        factors=factors_of(of),
        images=30,
        test=0,
        seed=0,
        all_encoded=all_encoded,
    )
    assert isinstance(made.sampler, RowSampler)
    np.testing.assert_allclose(made.codes[:, [0, 2, 3]], made.factors)
    many = made.sampler.draw(5000, Random(0))
    assert len(np.unique(many)) == min(350, all_encoded)


def test_images_without_factors_are_drawn_by_the_seed() -> None:
    of = ImageSet(name="plain", images=images().images)
    drawn = [
        member_data_from(
            encoded(Counting(), of), count=360, factors=None, images=10, test=0, seed=seed
        )
        for seed in (0, 0, 1)
    ]
    assert drawn[0].factors is None
    assert drawn[0].sampler is None
    np.testing.assert_array_equal(drawn[0].codes, drawn[1].codes)
    assert (drawn[0].codes != drawn[2].codes).any()
