import pytest
import torch
from torch import nn

from toolkit.networks.initialise import fan_in_uniform
from toolkit.networks.layers import InstanceNorm, LearnedMap, dense


def maps(seed: int = 0) -> torch.Tensor:
    return torch.randn(
        3, 4, 5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("affine", [True, False])
def test_the_norm_is_pytorchs_group_norm_with_a_group_a_channel(
    affine: bool, order: torch.memory_format
) -> None:
    leaf = (2 + 3 * maps()).contiguous(memory_format=order).requires_grad_()
    rival = nn.GroupNorm(4, 4, eps=1e-6, affine=affine, dtype=torch.float64)
    with torch.device("meta"):
        ours = InstanceNorm(4, affine=affine)
    fan_in_uniform(ours, generator=torch.Generator()).double()
    if affine:
        assert ours.scale.tolist() == [1.0] * 4
        assert ours.bias.tolist() == [0.0] * 4
        with torch.no_grad():
            for mine, theirs in ((ours.scale, rival.weight), (ours.bias, rival.bias)):
                mine.copy_(torch.arange(1.0, 5.0))
                theirs.copy_(mine)
    torch.testing.assert_close(ours(leaf), rival(leaf), rtol=1e-12, atol=1e-12)
    (weights := maps(1)).requires_grad_(False)
    first, other = (torch.autograd.grad((f(leaf) * weights).sum(), leaf) for f in (ours, rival))
    torch.testing.assert_close(first, other, rtol=1e-10, atol=1e-12)


def test_a_normed_map_has_mean_0_and_variance_1() -> None:
    normed = InstanceNorm(4, affine=False)(5 + 2 * maps())
    assert normed.mean(dim=(2, 3)).abs().max() < 1e-12
    assert (normed.var(dim=(2, 3), correction=0) - 1).abs().max() < 1e-5


def test_a_learned_map_is_the_same_for_every_image_and_starts_at_its_value() -> None:
    with torch.device("meta"):
        layer = LearnedMap(2, 3, 4, value=0.1)
    fan_in_uniform(layer, generator=torch.Generator())
    assert torch.equal(layer(5), torch.full((5, 2, 3, 4), 0.1))


def test_dense_layers_have_their_widths_and_an_activation_after_each() -> None:
    layers = dense(3, 4, 5, activation=nn.Tanh)
    assert [type(layer) for layer in layers] == [nn.Linear, nn.Tanh] * 2
    assert [layer.weight.shape for layer in layers[::2]] == [(4, 3), (5, 4)]
