import pytest
import torch
from torch import Tensor, nn

from tests.networks.builds import built, count, dense
from toolkit.networks import Murphy


@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("side", [28, 32])
def test_the_network_has_the_numbers_that_its_layers_add_up_to(side: int, colours: int) -> None:
    small = (side // 4) ** 2
    autoencoder = built(Murphy(), (colours, side, side))
    down = (colours * 16 * 32 + 32) + (32 * 16 * 64 + 64)
    assert count(autoencoder.encoder) == down + dense(small * 64, 256, 20)
    up = (32 * 16 * 64 + 64) + (64 * 16 * 32 + 32) + (32 * 16 + 1) * colours
    assert count(autoencoder.decoder) == dense(10, small * 32) + up


def test_the_last_layer_pads_as_tensorflow_does() -> None:
    """ "same" at stride 1 and kernel 4: pixel i of y sums x[o] w[i - o + 1], by its definition."""
    decoder = built(Murphy(), (1, 8, 8)).decoder
    convolution, crop = decoder[-2], decoder[-1]
    maps = torch.randn(1, 32, 8, 8, generator=torch.Generator().manual_seed(0))
    assert isinstance(convolution, nn.ConvTranspose2d)
    expected = torch.zeros(8, 8)
    for row, column in torch.cartesian_prod(torch.arange(8), torch.arange(8)).tolist():
        expected[row, column] = _pixel(maps[0], convolution.weight[:, 0], row, column)
    cropped = crop(convolution(maps))[0, 0]
    torch.testing.assert_close(cropped, expected, rtol=1e-4, atol=1e-5)


def _pixel(maps: Tensor, weight: Tensor, row: int, column: int) -> Tensor:
    total = torch.zeros(())
    for i in range(8):
        for j in range(8):
            at, along = row - i + 1, column - j + 1
            if 0 <= at < 4 and 0 <= along < 4:
                total = total + (maps[:, i, j] * weight[:, at, along]).sum()
    return total.detach()
