from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from toolkit.kernels import buffers, convolution, convolve, convolve_transposed
from toolkit.kernels.geometry import Geometry, sliding, spreading

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(
    ("channels", "side", "kernel", "stride", "paired"),
    [
        (32, 16, 4, 2, True),
        (8, 12, 6, 3, True),
        (32, 14, 4, 2, False),  # an odd number of pixels in a row
        (32, 16, 2, 2, False),  # one tap
        (32, 16, 3, 1, False),  # three of them
        (1, 16, 4, 2, False),  # too few channels to have phases
    ],
)
def test_two_taps_on_even_rows_have_pairs(
    channels: int, side: int, kernel: int, stride: int, paired: bool
) -> None:
    weight = torch.Size([32, channels, kernel, kernel])
    padding = (kernel - stride + 1) // 2
    assert sliding(torch.Size([channels, side, side]), weight, stride, padding).paired == paired


@pytest.fixture
def forgotten() -> Iterator[Callable[[], None]]:
    """Forgets compiled kernels, at the end too."""

    def forget() -> None:
        for one in (convolution.forward, convolution.backward, buffers.room, sliding, spreading):
            one.cache_clear()

    yield forget
    forget()


@pytest.mark.parametrize("transposed", [False, True])
def test_without_pairs_everything_is_the_same_but_for_rounding(
    transposed: bool, forgotten: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = torch.Generator().manual_seed(0)
    fine, coarse = (torch.randn(3, 16, side, side, generator=generator) for side in (16, 8))
    weight = torch.randn(16, 16, 4, 4, generator=generator)
    bias = torch.randn(16, generator=generator)
    maps, layer = (coarse, convolve_transposed) if transposed else (fine, convolve)

    def numbers() -> list[Tensor]:
        forgotten()
        own = [one.clone().requires_grad_() for one in (maps, weight, bias)]
        made = layer(*own, stride=2, padding=1, relu=True)
        return [made.detach(), *torch.autograd.grad(made.square().sum(), own)]

    pairs = numbers()
    monkeypatch.setattr(Geometry, "paired", False)
    singles = numbers()
    assert not torch.equal(pairs[0], singles[0])  # there were two ways
    for one, other in zip(pairs, singles, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-5 * other.abs().max().item())
