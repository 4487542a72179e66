from itertools import product

import pytest
import torch
from torch import nn

from tests.networks.builds import built, count
from toolkit.errors import ToolkitError
from toolkit.networks import Autoencoder, Burgess

SHAPES = [(colours, size, size) for colours, size in product((1, 3, 4), (32, 64, 128, 256))]


def build(shape: tuple[int, int, int], *, latents: int = 10, seed: int = 0) -> Autoencoder:
    return built(Burgess(latents=latents), shape, seed=seed)


def by_hand(colours: int, convolutions: int, latents: int) -> tuple[int, int]:
    """Numbers of the encoder and the decoder, added up as the paper's figure lists the layers."""
    first, more = 32 * (colours * 16) + 32, (convolutions - 1) * (32 * 32 * 16 + 32)
    dense = (512 * 256 + 256) + (256 * 256 + 256) + (256 * 2 * latents + 2 * latents)
    mirror = (latents * 256 + 256) + (256 * 256 + 256) + (256 * 512 + 512)
    last = colours * (32 * 16) + colours
    return first + more + dense, mirror + more + last


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("latents", [1, 10])
def test_the_network_has_the_numbers_that_its_layers_add_up_to(
    shape: tuple[int, int, int], latents: int
) -> None:
    network = build(shape, latents=latents)
    assert (count(network.encoder), count(network.decoder)) == by_hand(
        shape[0], {32: 3, 64: 4, 128: 5, 256: 6}[shape[1]], latents
    )


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((1, 28, 28), "1 x 28 x 28"),
        ((1, 32, 64), "1 x 32 x 64"),
        ((3, 512, 512), "3 x 512 x 512"),
    ],
)
def test_images_of_other_sizes_are_refused(shape: tuple[int, int, int], text: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        build(shape)
    assert str(caught.value) == (
        "the burgess network takes images of 32 x 32, 64 x 64, 128 x 128 or 256 x 256, not "
        f"{text}. Set `image_size` of the data set to one of these, or take the network `conv`."
    )


def test_p28_means_and_log_variances_are_halves_and_not_interleaved() -> None:
    network = build((1, 32, 32), latents=3)
    last = [layer for layer in network.encoder if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(torch.arange(6.0))
    mean, log_variance = network.encode(torch.zeros(1, 1, 32, 32))
    assert mean.tolist() == [[0.0, 1.0, 2.0]]
    assert log_variance.tolist() == [[3.0, 4.0, 5.0]]
