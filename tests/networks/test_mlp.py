import pytest
from torch import nn

from tests.networks.builds import built, count, dense
from toolkit.networks import MLP, Autoencoder, Network, TanhMLP


@pytest.mark.parametrize("shape", [(1, 5, 7), (3, 8, 8)])
@pytest.mark.parametrize("latents", [1, 10])
def test_the_networks_have_the_numbers_that_their_layers_add_up_to(
    shape: tuple[int, int, int], latents: int
) -> None:
    pixels = shape[0] * shape[1] * shape[2]
    wide, narrow = built(MLP(latents=latents), shape), built(TanhMLP(latents=latents), shape)
    assert count(wide.encoder) == dense(pixels, 1200, 1200, 2 * latents)
    assert count(wide.decoder) == dense(latents, 1200, 1200, 1200, pixels)
    assert count(narrow.encoder) == dense(pixels, 256, 256, 2 * latents)
    assert count(narrow.decoder) == dense(latents, 256, 256, pixels)


def activations(part: nn.Module) -> list[type[nn.Module]]:
    return [type(layer) for layer in part.modules() if isinstance(layer, nn.ReLU | nn.Tanh)]


@pytest.mark.parametrize(
    ("network", "encoder", "decoder"),
    [(MLP(), [nn.ReLU] * 2, [nn.Tanh] * 3), (TanhMLP(), [nn.Tanh] * 2, [nn.Tanh] * 2)],
    ids=["mlp", "tanh_mlp"],
)
def test_activations_are_those_of_the_papers(
    network: Network, encoder: list[type[nn.Module]], decoder: list[type[nn.Module]]
) -> None:
    autoencoder: Autoencoder = built(network, (1, 4, 4))
    assert activations(autoencoder.encoder) == encoder
    assert activations(autoencoder.decoder) == decoder
