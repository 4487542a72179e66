import pytest
import torch
from torch import nn

from toolkit.networks.initialise import fan_in_uniform, glorot_uniform, kaiming_uniform

KINDS = {
    "dense": lambda: nn.Linear(300, 200),
    "convolution": lambda: nn.Conv2d(16, 40, 4),
    "transposed": lambda: nn.ConvTranspose2d(40, 16, 4),
}


def drawn(kind: str, *, slope: float = 0.0) -> nn.Module:
    with torch.device("meta"):
        layer = KINDS[kind]()
    return kaiming_uniform(layer, generator=torch.Generator().manual_seed(0), slope=slope)


@pytest.mark.parametrize("slope", [0.0, 0.2])
@pytest.mark.parametrize("kind", KINDS)
def test_weights_fill_the_interval_that_pytorch_gives_for_that_gain(
    kind: str, slope: float
) -> None:
    rival = KINDS[kind]()
    with torch.random.fork_rng():
        torch.manual_seed(1)
        nn.init.kaiming_uniform_(rival.weight, a=slope, nonlinearity="leaky_relu")
    weight = drawn(kind, slope=slope).weight
    assert isinstance(weight, torch.Tensor)
    assert weight.abs().max().item() == pytest.approx(rival.weight.abs().max().item(), rel=2e-3)
    assert weight.std().item() == pytest.approx(rival.weight.std().item(), rel=0.03)
    assert weight.mean().abs() < 0.02 * weight.abs().max()


@pytest.mark.parametrize(
    ("kind", "fan_in"), [("dense", 300), ("convolution", 16 * 16), ("transposed", 16 * 16)]
)
def test_bounds_are_those_of_he_and_of_pytorch(kind: str, fan_in: int) -> None:
    layer = drawn(kind)
    assert isinstance(layer.weight, torch.Tensor)
    assert isinstance(layer.bias, torch.Tensor)
    assert layer.weight.abs().max().item() == pytest.approx((6 / fan_in) ** 0.5, rel=2e-3)
    assert 0.8 * fan_in**-0.5 < layer.bias.abs().max() <= fan_in**-0.5
    with torch.random.fork_rng():
        torch.manual_seed(0)
        assert 0.8 * fan_in**-0.5 < KINDS[kind]().bias.abs().max() <= fan_in**-0.5


def test_equal_layers_differ_and_the_global_stream_is_not_touched() -> None:
    before = torch.get_rng_state()
    with torch.device("meta"):
        network = nn.Sequential(nn.Linear(9, 9), nn.ReLU(), nn.Linear(9, 9, bias=False))
    kaiming_uniform(network, generator=torch.Generator().manual_seed(0))
    first, _, second = network
    assert not torch.equal(first.weight, second.weight)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("kind", "fan_in"), [("dense", 300), ("convolution", 16 * 16), ("transposed", 40 * 16)]
)
def test_equinox_counts_the_input_channels_of_transposed_convolutions(
    kind: str, fan_in: int
) -> None:
    with torch.device("meta"):
        layer = KINDS[kind]()
    fan_in_uniform(layer, generator=torch.Generator().manual_seed(0))
    for numbers in (layer.weight, layer.bias):
        assert isinstance(numbers, torch.Tensor)
        assert 0.8 * fan_in**-0.5 < numbers.abs().max() <= fan_in**-0.5
        assert numbers.mean().abs() < 0.3 * fan_in**-0.5


@pytest.mark.parametrize(
    ("kind", "fans"),
    [("dense", 300 + 200), ("convolution", 16 * (16 + 40)), ("transposed", 16 * (40 + 16))],
)
def test_glorot_takes_the_mean_of_fan_in_and_fan_out(kind: str, fans: int) -> None:
    with torch.device("meta"):
        layer = KINDS[kind]()
    glorot_uniform(layer, generator=torch.Generator().manual_seed(0))
    assert isinstance(layer.weight, torch.Tensor)
    assert isinstance(layer.bias, torch.Tensor)
    assert layer.weight.std().item() == pytest.approx((2 / fans) ** 0.5, rel=0.03)
    assert layer.weight.abs().max() <= (6 / fans) ** 0.5
    assert not layer.bias.any()


def test_a_layer_whose_numbers_nobody_draws_is_refused() -> None:
    with torch.device("meta"):
        network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    with pytest.raises(TypeError) as caught:
        kaiming_uniform(network, generator=torch.Generator())
    assert str(caught.value) == ("the initial values of a BatchNorm2d layer are not defined here")
