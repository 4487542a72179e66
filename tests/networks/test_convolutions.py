import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from toolkit.networks.convolutions import Chain, Convolution, ToMaps, TransposedConvolution

GEOMETRIES = [(4, 2, 1), (2, 2, 0), (3, 1, 1), (4, 1, 0)]


def numbers_and_gradients(layer: nn.Module, maps: Tensor) -> list[Tensor]:
    leaf = maps.clone().requires_grad_()
    output = layer(leaf)
    output.square().sum().backward()
    return [output, leaf.grad, layer.weight.grad, layer.bias.grad]


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("filters", [1, 3, 8])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Convolution, nn.Conv2d), (TransposedConvolution, nn.ConvTranspose2d)],
)
def test_numbers_and_gradients_are_pytorchs(
    ours: type[nn.Module], theirs: type[nn.Module], filters: int, geometry: tuple[int, int, int]
) -> None:
    kernel, stride, padding = geometry
    first = ours(5, filters, kernel, stride=stride, padding=padding).double()
    other = theirs(5, filters, kernel, stride=stride, padding=padding).double()
    other.load_state_dict(first.state_dict())
    maps = torch.randn(3, 5, 8, 6, dtype=torch.float64)
    results = [numbers_and_gradients(layer, maps) for layer in (first, other)]
    for mine, published in zip(*results, strict=True):
        assert torch.allclose(mine, published, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", [Convolution, TransposedConvolution])
@pytest.mark.parametrize("filters", [1, 8])
def test_layers_can_be_stacked(kind: type[nn.Module], filters: int) -> None:
    layers = [kind(5, filters, 4, stride=2, padding=1) for _ in range(3)]
    parameters, _ = stack_module_state(layers)
    maps = torch.randn(3, 2, 5, 8, 8)
    output = vmap(lambda leaf, first: functional_call(layers[0], leaf, (first,)))(parameters, maps)
    for row, layer in enumerate(layers):
        assert torch.allclose(output[row], layer(maps[row]), atol=1e-5)


def test_a_wanted_output_size_is_left_to_pytorch() -> None:
    layer = TransposedConvolution(2, 1, 4, stride=2, padding=1)
    assert layer(torch.zeros(1, 2, 4, 4), output_size=[9, 9]).shape == (1, 1, 9, 9)


def test_maps_have_pytorchs_order_and_lie_channels_last() -> None:
    numbers = torch.arange(48.0).reshape(2, 24)
    maps = ToMaps(4, 2, 3)(numbers)
    assert torch.equal(maps, numbers.reshape(2, 4, 2, 3))
    assert maps.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_few_colours_are_a_matrix_product_with_pytorchs_numbers(
    colours: int, dilation: int
) -> None:
    first = Convolution(colours, 8, 4, stride=2, padding=1, dilation=dilation).double()
    other = nn.Conv2d(colours, 8, 4, stride=2, padding=1, dilation=dilation).double()
    other.load_state_dict(first.state_dict())
    images = torch.randn(3, colours, 12, 10, dtype=torch.float64)
    results = [numbers_and_gradients(layer, images) for layer in (first, other)]
    assert results[0][0].is_contiguous(memory_format=torch.channels_last)
    for mine, published in zip(*results, strict=True):
        assert torch.allclose(mine, published, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3, "dilation": 2},
        {"kernel_size": 4, "groups": 2},
        {"kernel_size": (3, 4), "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": (2, 1), "padding": 1},
    ],
)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Convolution, nn.Conv2d), (TransposedConvolution, nn.ConvTranspose2d)],
)
def test_unusual_layers_are_pytorchs(
    ours: type[nn.Module], theirs: type[nn.Module], options: dict[str, object]
) -> None:
    first, other = ours(8, 8, **options), theirs(8, 8, **options)
    other.load_state_dict(first.state_dict())
    maps = torch.randn(2, 8, 9, 10)
    assert torch.allclose(first(maps, relu=True), other(maps).relu(), atol=1e-5)


def test_borders_that_are_not_zero_are_pytorchs() -> None:
    first = Convolution(8, 8, 3, padding=1, padding_mode="reflect")
    other = nn.Conv2d(8, 8, 3, padding=1, padding_mode="reflect")
    other.load_state_dict(first.state_dict())
    maps = torch.randn(2, 8, 9, 10)
    assert torch.allclose(first(maps), other(maps), atol=1e-5)


def test_a_chain_is_a_sequence_with_fewer_walks() -> None:
    layers = [
        nn.ReLU(),
        Convolution(3, 8, 4, stride=2, padding=1),
        nn.ReLU(),
        Convolution(8, 8, 3, padding=1),
        nn.LeakyReLU(0.2),
        TransposedConvolution(8, 8, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 8 * 8, 3),
        nn.ReLU(),
    ]
    maps = torch.randn(2, 3, 8, 8)
    chain, sequence = Chain(*layers), nn.Sequential(*layers)
    assert chain.state_dict().keys() == sequence.state_dict().keys()
    assert torch.allclose(chain(maps), sequence(maps), atol=1e-6)
    calls = []
    for layer in layers[2:3] + layers[6:7]:
        layer.register_forward_hook(lambda *_: calls.append(1))
    chain(maps)
    assert not calls
