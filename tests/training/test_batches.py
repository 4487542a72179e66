import pytest
import torch
from torch import Tensor

from toolkit.training.batches import Batches


def numbered(count: int) -> Tensor:
    """Images that can be told apart: all pixels of number i are i."""
    return torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(count, 3, 2, 2)


def batches(count: int, size: int, *, seed: int = 0, purpose: str = "order") -> Batches:
    return Batches(numbered(count), size=size, seed=seed, purpose=purpose, dtype=torch.float64)


@pytest.mark.parametrize(("count", "size"), [(12, 4), (10, 4), (7, 7), (5, 12), (3, 1)])
def test_every_epoch_shows_each_image_once_over_the_ends_of_batches(count: int, size: int) -> None:
    chosen = batches(count, size)
    shown = torch.cat([chosen.indices(step) for step in range(3 * count)])
    epochs = shown.reshape(-1, count)
    assert len(epochs) == 3 * size
    for epoch in epochs:
        assert sorted(epoch.tolist()) == list(range(count))
    assert count < 5 or not torch.equal(epochs[0], epochs[1])


def test_what_a_step_sees_does_not_depend_on_what_was_asked_before() -> None:
    rising, falling = batches(10, 4), batches(10, 4)
    first = [rising.indices(step).tolist() for step in range(9)]
    other = [falling.indices(step).tolist() for step in reversed(range(9))]
    assert first == other[::-1]


def test_seeds_and_purposes_have_orders_of_their_own() -> None:
    orders = [
        batches(50, 50).indices(0),
        batches(50, 50, seed=1).indices(0),
        batches(50, 50, purpose="second order").indices(0),
    ]
    assert len({tuple(order.tolist()) for order in orders}) == 3


def test_images_have_values_from_0_to_1_and_channels_last() -> None:
    images = (
        Batches(
            torch.tensor([0, 51, 255], dtype=torch.uint8).reshape(3, 1, 1, 1).repeat(1, 3, 2, 2),
            size=3,
            seed=0,
            purpose="order",
            dtype=torch.float32,
        )
        .at(0)
        .images
    )
    assert images.dtype == torch.float32
    assert sorted(images[:, 0, 0, 0].tolist()) == pytest.approx([0.0, 0.2, 1.0])
    assert images.is_contiguous(memory_format=torch.channels_last)


def test_images_are_those_of_the_indices() -> None:
    chosen = batches(10, 4)
    for step in range(4):
        shown = (chosen.at(step).images[:, 0, 0, 0] * 255).round().long()
        assert torch.equal(shown, chosen.indices(step))
