import pytest
import torch
from torch import nn

from tests.networks.builds import built, count, dense
from toolkit.networks import Conv64, Conv64K4, Network


def by_hand(colours: int, last: int, latents: int) -> tuple[int, int]:
    """Numbers of encoder and decoder, added up as the paper's table lists the layers."""
    first = (colours * 16 * 32 + 32) + (32 * 16 * 32 + 32)
    second = (32 * last**2 * 64 + 64) + (64 * last**2 * 64 + 64)
    up = (64 * 16 * 64 + 64) + (64 * 16 * 32 + 32) + (32 * 16 * 32 + 32) + (32 * 16 + 1) * colours
    return first + second + dense(1024, 256, 2 * latents), dense(latents, 256, 1024) + up


@pytest.mark.parametrize(("network", "last"), [(Conv64, 2), (Conv64K4, 4)])
@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("latents", [1, 10])
def test_the_network_has_the_numbers_that_its_layers_add_up_to(
    network: type[Network], last: int, colours: int, latents: int
) -> None:
    autoencoder = built(network(latents=latents), (colours, 64, 64))
    assert (count(autoencoder.encoder), count(autoencoder.decoder)) == by_hand(
        colours, last, latents
    )


@pytest.mark.parametrize(("network", "kernels"), [(Conv64, [4, 4, 2, 2]), (Conv64K4, [4, 4, 4, 4])])
def test_kernels_are_those_of_the_paper_and_maps_shrink_to_4_by_4(
    network: type[Network], kernels: list[int]
) -> None:
    encoder = built(network(), (1, 64, 64)).encoder
    found = [layer.kernel_size[0] for layer in encoder if isinstance(layer, nn.Conv2d)]
    assert found == kernels
    flat = next(index for index, layer in enumerate(encoder) if isinstance(layer, nn.Flatten))
    assert encoder[:flat](torch.zeros(1, 1, 64, 64)).shape == (1, 64, 4, 4)


def test_biases_start_at_zero_and_weights_within_glorots_bound() -> None:
    for layer in built(Conv64(), (1, 64, 64)).modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            assert layer.bias is not None
            assert not layer.bias.any()
            area = layer.weight[0, 0].numel()
            bound = (6 / (area * sum(layer.weight.shape[:2]))) ** 0.5
            assert 0.9 * bound < layer.weight.abs().max() <= bound
