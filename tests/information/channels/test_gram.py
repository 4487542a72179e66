"""The stream of Gram matrices against the formula, pair by pair."""

import math

import pytest
import torch

from tests.information.channels.known import brute_force_bits, random_channels
from toolkit.information import bhattacharyya_distance
from toolkit.information.channels.gram import (
    images_per_logarithm,
    joint_information,
    single_and_doubled_information,
)
from toolkit.information.gaussian import Coefficients, coefficients


def prepared(mean: torch.Tensor, log_variance: torch.Tensor) -> Coefficients:
    return coefficients(mean, log_variance, dtype=torch.float64, device=torch.device("cpu"))


def test_joint_information_is_the_formula_of_every_pair() -> None:
    mean, log_variance = random_channels(6, images=210, seed=0)
    distances = [bhattacharyya_distance(mean[:, [c]], log_variance[:, [c]]) for c in range(6)]
    expected = torch.tensor(
        [[brute_force_bits(one + other) for other in distances] for one in distances]
    ).double()
    joint = joint_information(prepared(mean, log_variance))
    torch.testing.assert_close(joint, expected, rtol=0, atol=1e-12)


def test_the_rectangle_is_a_part_of_the_square() -> None:
    channels = prepared(*random_channels(300, images=40, seed=0))
    square = joint_information(channels)
    part = joint_information(channels.take(slice(0, 170)), channels.take(slice(130, 300)))
    torch.testing.assert_close(part, square[:170, 130:], rtol=0, atol=1e-13)


def test_joint_information_is_symmetric_to_the_last_bit() -> None:
    joint = joint_information(prepared(*random_channels(300, images=40, seed=0)))
    assert torch.equal(joint, joint.T)


def test_information_alone_and_twice_is_found_on_the_way_and_beside_it() -> None:
    channels = prepared(*random_channels(9, images=130, seed=1))
    alone = torch.empty(9, dtype=torch.float64)
    joint = joint_information(channels, single=alone)
    once, twice = single_and_doubled_information(channels)
    torch.testing.assert_close(alone, once, rtol=0, atol=1e-13)
    torch.testing.assert_close(joint.diagonal(), twice, rtol=0, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("images", [2, 3, 1000, 4097])
def test_the_longest_product_stays_inside_the_range_of_the_numbers(
    images: int, dtype: torch.dtype
) -> None:
    many = images_per_logarithm(images, dtype)
    smallest = torch.tensor(-many * math.log2(images), dtype=torch.float64)
    assert smallest > math.log2(torch.finfo(dtype).tiny)
    assert many == 1 or smallest < 0.9 * math.log2(torch.finfo(dtype).tiny)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_channel_that_tells_all_images_apart_does_not_underflow(dtype: torch.dtype) -> None:
    mean = torch.arange(700.0)[:, None].expand(700, 2)
    sharp = coefficients(mean, torch.full((700, 2), -60.0), dtype=dtype, device=torch.device("cpu"))
    joint = joint_information(sharp)
    torch.testing.assert_close(joint, torch.full((2, 2), math.log2(700), dtype=dtype))


def test_every_image_is_told_once() -> None:
    told: list[int] = []
    joint_information(prepared(*random_channels(3, images=77, seed=0)), advance=told.append)
    assert sum(told) == 77
