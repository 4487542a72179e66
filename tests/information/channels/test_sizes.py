"""The same channels by fewer images."""

import pytest
import torch

from tests.information.channels.known import draw_pairs, random_channels
from toolkit.errors import ToolkitError
from toolkit.information import compare_at_sizes, compare_channels


def test_more_images_come_nearer_to_the_channel_and_the_last_is_the_whole() -> None:
    mean, log_variance = draw_pairs(50.0, 50.0, 0.9, images=600, draws=6, seed=0)
    found = compare_at_sizes(
        mean, log_variance, sizes=(100, 300, 600, 1000), generator=torch.Generator().manual_seed(0)
    )
    bits = [found[size].information.mean().item() for size in (100, 300, 600)]
    assert list(found) == [100, 300, 600]
    assert bits == sorted(bits)
    whole = compare_channels(mean, log_variance).information
    torch.testing.assert_close(found[600].information, whole)


def test_sizes_that_cannot_be_had_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        compare_at_sizes(*random_channels(2, images=30, seed=0), generator=torch.Generator())
    assert str(caught.value) == (
        "30 images give none of the sizes 100, 300, 1000; ask for sizes from 2 to the number of "
        "images."
    )
