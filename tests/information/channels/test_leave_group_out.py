"""Tables without a group of images are those of the other images."""

import pytest
import torch

from tests.information.channels.known import random_channels
from toolkit.errors import ToolkitError
from toolkit.information import compare_channels
from toolkit.information.channels.leave_group_out import (
    GroupedImages,
    assign_to_groups,
    information_without_groups,
    joint_information_without_groups,
)
from toolkit.information.gaussian import coefficients


def dealt(
    mean: torch.Tensor, log_variance: torch.Tensor, groups: int
) -> tuple[GroupedImages, list[torch.Tensor]]:
    """The groups, and the images of each table: all, without each group, halves, quarters."""
    channels = coefficients(mean, log_variance, dtype=torch.float64, device=torch.device("cpu"))
    found = assign_to_groups(channels, groups, generator=torch.Generator().manual_seed(1))
    lot = torch.randperm(len(mean), generator=torch.Generator().manual_seed(1))
    parts = lot.split(found.sizes.tolist())
    without = [torch.cat(parts[:g] + parts[g + 1 :]) for g in range(groups)]
    cuts = [
        (k * groups // count, (k + 1) * groups // count)
        for count in ((2, 4) if groups >= 4 else ())
        for k in range(count)
    ]
    return found, [lot, *without, *(torch.cat(parts[start:stop]) for start, stop in cuts)]


@pytest.mark.parametrize(("images", "groups"), [(61, 7), (20, 20), (40, 2), (230, 4)])
def test_leaving_a_group_out_is_comparing_the_other_images(images: int, groups: int) -> None:
    mean, log_variance = random_channels(5, images=images, seed=0)
    found, left = dealt(mean, log_variance, groups)
    (once, twice), joint = (
        information_without_groups(found),
        joint_information_without_groups(found),
    )
    assert len(joint) == len(left)
    for position, some in enumerate(left):
        plain = compare_channels(mean[some], log_variance[some])
        torch.testing.assert_close(once[position], plain.information, rtol=0, atol=1e-12)
        torch.testing.assert_close(twice[position], plain.doubled, rtol=0, atol=1e-12)
        vi = 2 * joint[position] - twice[position][:, None] - twice[position][None, :]
        torch.testing.assert_close(vi, plain.vi, rtol=0, atol=1e-12)


def test_the_rectangle_is_a_part_of_the_square() -> None:
    found, _ = dealt(*random_channels(150, images=30, seed=0), 5)
    square = joint_information_without_groups(found)
    part = joint_information_without_groups(found.take(slice(0, 90)), found.take(slice(70, 150)))
    torch.testing.assert_close(part, square[:, :90, 70:], rtol=0, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 31])
def test_a_number_of_groups_that_cannot_be_dealt_is_refused(groups: int) -> None:
    with pytest.raises(ToolkitError) as caught:
        dealt(*random_channels(2, images=30, seed=0), groups)
    assert str(caught.value) == (
        f"30 images cannot be assigned to {groups} groups; give 2 groups or more, and at most as "
        "many as images."
    )
