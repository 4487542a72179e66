"""The same channels by fewer images."""

import pytest
import torch

from tests.information.channels.known import random_channels
from toolkit.errors import ToolkitError
from toolkit.information import (
    channel_information,
    compare_at_sizes,
    compare_channels,
    information_at_sizes,
)
from toolkit.information.channels.analytic_pairs import sample_pairs


def test_more_images_come_nearer_to_the_channel_and_the_last_is_the_whole() -> None:
    dealer = torch.Generator().manual_seed(0)
    mean, log_variance = sample_pairs(50.0, 50.0, 0.9, images=600, draws=6, generator=dealer)
    found = compare_at_sizes(
        mean, log_variance, sizes=(100, 300, 600, 1000), generator=torch.Generator().manual_seed(0)
    )
    bits = [found[size].information.mean().item() for size in (100, 300, 600)]
    assert list(found) == [100, 300, 600]
    assert bits == sorted(bits)
    whole = compare_channels(mean, log_variance).information
    torch.testing.assert_close(found[600].information, whole)


def test_bits_without_pairs_are_those_of_the_comparisons() -> None:
    given = random_channels(4, images=400, seed=0)
    whole = compare_at_sizes(*given, generator=torch.Generator().manual_seed(2))
    bits = information_at_sizes(*given, generator=torch.Generator().manual_seed(2))
    assert list(bits) == list(whole) == [100, 300]
    for size, found in bits.items():
        torch.testing.assert_close(found, whole[size].information, rtol=0, atol=1e-12)
    every = information_at_sizes(*given, sizes=(400,), generator=torch.Generator())[400]
    torch.testing.assert_close(every, channel_information(*given), rtol=0, atol=1e-12)


def test_sizes_that_cannot_be_had_are_refused() -> None:
    for use in (compare_at_sizes, information_at_sizes):
        with pytest.raises(ToolkitError) as caught:
            use(*random_channels(2, images=30, seed=0), generator=torch.Generator())
        assert str(caught.value) == (
            "30 images give none of the sizes 100, 300, 1000; ask for sizes from 2 to the number "
            "of images."
        )
