from itertools import pairwise

import pytest
import torch
from torch import nn

from tests.networks.builds import built, count, dense
from toolkit.networks import QLAELarge, QLAESmall
from toolkit.networks.qlae.style import StyleBlock

FILTERS = {
    "large": [32] * 3 + [64] * 3 + [128] * 3 + [256] * 3,
    "small": [64, 128, 256, 512],
}
AREAS = {"large": [9, 9, 16] * 4, "small": [16] * 4}
HIDDEN = {"large": [256, 256], "small": [512]}
KINDS = {"large": QLAELarge, "small": QLAESmall}


def convolutions(filters: list[int], areas: list[int]) -> int:
    """Kernels without biases."""
    return sum(a * b * area for (a, b), area in zip(pairwise(filters), areas, strict=True))


@pytest.mark.parametrize(("colours", "side"), [(3, 64), (1, 32)])
@pytest.mark.parametrize("size", KINDS)
def test_encoder_and_image_decoder_have_the_numbers_that_their_layers_add_up_to(
    size: str, colours: int, side: int
) -> None:
    filters, areas, hidden = FILTERS[size], AREAS[size], HIDDEN[size]
    autoencoder = built(KINDS[size](decoder="image"), (colours, side, side))
    flat = filters[-1] * (side // 16) ** 2
    down = convolutions([colours, *filters], areas) + 2 * sum(filters)  # norms: scale and bias
    assert count(autoencoder.encoder) == down + dense(flat, *hidden, 20)
    up = convolutions([filters[-1], *filters[::-1]], areas) + 2 * sum(filters)
    assert count(autoencoder.decoder) == dense(10, *hidden, flat) + up + filters[0] * colours


@pytest.mark.parametrize("decoder", ["style", "style_one_plus"])
@pytest.mark.parametrize("size", KINDS)
def test_style_decoders_have_the_numbers_that_their_layers_add_up_to(
    size: str, decoder: str
) -> None:
    filters, areas, hidden = FILTERS[size], AREAS[size], HIDDEN[size]
    autoencoder = built(KINDS[size](decoder=decoder), (3, 64, 64))
    up = convolutions([filters[-1], *filters[::-1]], areas)
    modulation = sum(dense(hidden[-1], 2 * after) for after in filters)
    constant = filters[-1] * 4 * 4
    assert count(autoencoder.decoder) == (
        dense(10, *hidden) + constant + up + modulation + filters[0] * 3 * 9
    )


def block(*, one_plus: bool) -> StyleBlock:
    torch.manual_seed(0)
    return StyleBlock(2, 4, style=3, kernel=3, one_plus=one_plus).double()


@pytest.mark.parametrize("one_plus", [False, True])
def test_p36_scale_and_bias_pass_a_relu_as_published_unless_one_plus_is_asked_for(
    one_plus: bool,
) -> None:
    with torch.random.fork_rng():
        autoencoder = block(one_plus=one_plus)
        maps = torch.randn(2, 2, 5, 5, dtype=torch.float64)
        style = torch.randn(2, 3, dtype=torch.float64)
    normed = autoencoder.norm(autoencoder.activation(autoencoder.convolution(maps)))
    numbers = autoencoder.modulation(style)
    assert numbers.min() < 0 < numbers.max()
    scale, bias = numbers[:, :4, None, None], numbers[:, 4:, None, None]
    expected = (
        normed * (1 + scale) + bias if one_plus else normed * scale.clamp(min=0) + bias.clamp(min=0)
    )
    torch.testing.assert_close(autoencoder(maps, style), expected, rtol=1e-12, atol=1e-12)


def test_the_learned_map_starts_at_a_tenth_and_the_leaky_slope_is_a_fifth() -> None:
    autoencoder = built(QLAELarge(), (1, 64, 64))
    start = autoencoder.decoder.get_submodule("start")
    assert torch.equal(start.map, torch.full((1, 256, 4, 4), 0.1))
    slopes = {m.negative_slope for m in autoencoder.modules() if isinstance(m, nn.LeakyReLU)}
    assert slopes == {0.2}


def test_first_numbers_are_within_equinox_bounds() -> None:
    layers = [m for m in built(QLAESmall(decoder="image"), (1, 32, 32)).modules()]
    for layer in layers:
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            inputs = layer.weight.shape[0 if isinstance(layer, nn.ConvTranspose2d) else 1]
            area = 1 if isinstance(layer, nn.Linear) else layer.weight[0, 0].numel()
            bound = (inputs * area) ** -0.5
            assert 0.85 * bound < layer.weight.abs().max() <= bound
            if layer.bias is not None:
                assert 0 < layer.bias.abs().max() <= bound
