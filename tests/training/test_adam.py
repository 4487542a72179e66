import copy

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from toolkit.kernels import to_kernel_layout
from toolkit.training.adam import Adam, ParameterGroup


def networks() -> tuple[nn.Sequential, nn.Sequential]:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 3), nn.Linear(3, 2))
    return network, copy.deepcopy(network)


def updated(network: nn.Sequential, optimiser: Adam | AdamW, step: int) -> None:
    """The last layer has no part in every third update."""
    torch.manual_seed(step)
    layers = network[:2] if step % 3 == 2 else network
    layers(torch.randn(4, 5)).square().sum().backward()
    if isinstance(optimiser, Adam):
        optimiser.step()
        optimiser.zero_grad()
    else:
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.9)])
def test_every_bit_is_that_of_pytorchs_step(betas: tuple[float, float]) -> None:
    first, other = networks()
    parts = [[list(part.parameters()) for part in (net[0], net[1:])] for net in (first, other)]
    decays = (0.1, 0.0)
    ours = Adam(
        [
            ParameterGroup(parameters=part, weight_decay=decay)
            for part, decay in zip(parts[0], decays, strict=True)
        ],
        learning_rate=1e-2,
        betas=betas,
    )
    theirs = AdamW(
        [
            {"params": part, "weight_decay": decay}
            for part, decay in zip(parts[1], decays, strict=True)
        ],
        1e-2,
        betas=betas,
        fused=True,
    )
    for step in range(10):
        updated(first, ours, step)
        updated(other, theirs, step)
        if step == 5:
            kept = copy.deepcopy(ours.state_dict())
            ours = Adam(ours.groups, learning_rate=ours.learning_rate, betas=ours.betas)
            ours.load_state_dict(kept)
    for mine, published in zip(first.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, published)
        assert mine.grad is None
        expected, state = ours.state[mine], theirs.state[published]
        assert expected.keys() == state.keys()
        assert all(torch.equal(expected[name], state[name]) for name in state)
    counted = [int(state["step"]) for state in ours.state.values()]
    assert counted == [10] * 4 + [7] * 2


@pytest.mark.parametrize("gradient_too", [True, False])
def test_filters_move_the_same_however_they_and_gradients_lie_in_memory(
    gradient_too: bool,
) -> None:
    torch.manual_seed(0)
    weight, gradients = torch.randn(8, 3, 4, 4), torch.randn(5, 8, 3, 4, 4)
    first, other = nn.Parameter(to_kernel_layout(weight)), nn.Parameter(weight.clone())
    ours = Adam([ParameterGroup(parameters=[first], weight_decay=0.1)], learning_rate=1e-2)
    theirs = AdamW([other], 1e-2, weight_decay=0.1, fused=True)
    for gradient in gradients:
        other.grad = gradient.clone()
        theirs.step()
        first.grad = to_kernel_layout(gradient) if gradient_too else gradient.clone()
        ours.step()
    assert first.stride() == to_kernel_layout(weight).stride()
    assert torch.equal(first, other)
