"""New channels against old ones."""

from dataclasses import replace

import pytest
import torch

from tests.information.channels.known import random_channels
from toolkit.errors import ToolkitError
from toolkit.information import compare_channel_sets, compare_channels, join_comparisons

MEAN, LOG_VARIANCE = random_channels(9, images=70, seed=3)
LABELS = torch.arange(70)[:, None] % torch.tensor([2, 5])
OLD, NEW = slice(0, 6), slice(6, 9)


def sides() -> tuple[tuple[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]:
    return (MEAN[:, OLD], LOG_VARIANCE[:, OLD]), (MEAN[:, NEW], LOG_VARIANCE[:, NEW])


@pytest.mark.parametrize("block", [1024, 2])
def test_a_crossing_is_a_corner_of_the_whole(block: int) -> None:
    whole = compare_channels(MEAN, LOG_VARIANCE)
    corner = compare_channel_sets(*sides(), block=block)
    torch.testing.assert_close(corner.nmi, whole.nmi[OLD, NEW], rtol=0, atol=1e-12)
    torch.testing.assert_close(corner.vi, whole.vi[OLD, NEW], rtol=0, atol=1e-12)
    torch.testing.assert_close(corner.information[1], whole.information[NEW])
    torch.testing.assert_close(corner.doubled[0], whole.doubled[OLD])


def test_joined_comparisons_are_the_whole() -> None:
    whole = compare_channels(MEAN, LOG_VARIANCE, labels=LABELS)
    old, new = (compare_channels(*side, labels=LABELS) for side in sides())
    joined = join_comparisons(old, compare_channel_sets(*sides()), new)
    for name in ("information", "doubled", "nmi", "vi", "label_nmi", "label_vi"):
        torch.testing.assert_close(getattr(joined, name), getattr(whole, name), rtol=0, atol=1e-12)
    assert torch.equal(joined.nmi, joined.nmi.T)


def test_a_crossing_of_different_image_counts_is_refused() -> None:
    left, right = sides()
    with pytest.raises(ToolkitError) as caught:
        compare_channel_sets(left, (right[0][:50], right[1][:50]))
    assert str(caught.value) == (
        "the channels belong to 70 and 50 images; encode both on the same probe set."
    )


def test_a_crossing_of_other_channels_does_not_join() -> None:
    old, new = (compare_channels(*side) for side in sides())
    crossing = compare_channel_sets(*sides())
    with pytest.raises(ToolkitError) as caught:
        join_comparisons(new, crossing, old)
    assert str(caught.value) == (
        "3 old and 6 new channels on 70 and 70 images do not fit a cross comparison of (6, 3) "
        "on 70; give all three the same channels and the same probe set."
    )
    with pytest.raises(ToolkitError, match="on 70 and 71 images do not fit a cross comparison"):
        join_comparisons(old, crossing, replace(new, images=71))


def test_comparisons_with_other_labels_do_not_join() -> None:
    left, right = sides()
    old, new = compare_channels(*left, labels=LABELS), compare_channels(*right)
    with pytest.raises(ToolkitError) as caught:
        join_comparisons(old, compare_channel_sets(left, right), new)
    assert str(caught.value) == (
        "the old comparison has 2 known factors and the new one 0; give both the same labels."
    )
