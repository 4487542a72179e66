import pytest
import torch
from torch import nn

from toolkit.networks import discriminator


@pytest.mark.parametrize(
    ("hidden", "numbers"),
    [(0, 6 * 2 + 2), (1, (6 * 5 + 5) + (5 * 2 + 2)), (3, (6 * 5 + 5) + 2 * 30 + (5 * 2 + 2))],
)
def test_layers_and_numbers_are_those_asked_for(hidden: int, numbers: int) -> None:
    network = discriminator(6, width=5, hidden=hidden, generator=torch.Generator())
    assert sum(parameter.numel() for parameter in network.parameters()) == numbers
    assert network(torch.zeros(4, 6)).shape == (4, 2)
    slopes = [layer.negative_slope for layer in network if isinstance(layer, nn.LeakyReLU)]
    assert slopes == [0.2] * hidden
    assert isinstance(network[-1], nn.Linear)


def test_weights_come_from_the_generator_alone() -> None:
    before = torch.get_rng_state()
    first, same, other = (
        discriminator(3, width=4, hidden=2, generator=torch.Generator().manual_seed(seed))
        for seed in (0, 0, 1)
    )
    assert torch.equal(torch.get_rng_state(), before)
    codes = torch.ones(1, 3)
    assert torch.equal(first(codes), same(codes))
    assert not torch.equal(first(codes), other(codes))
