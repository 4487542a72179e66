"""The memory orders in which kernels are handed their weights."""

import pytest
import torch

from toolkit.kernels import calls, to_kernel_layout
from toolkit.kernels.geometry import transposed_geometry


@pytest.mark.parametrize("shape", [(8, 3, 4, 4), (1, 1, 1, 1), (5, 7, 3, 2)])
def test_a_kernel_layout_moves_numbers_and_changes_none(shape: tuple[int, int, int, int]) -> None:
    weight = torch.arange(torch.Size(shape).numel(), dtype=torch.float32).reshape(shape)
    packed = to_kernel_layout(weight)
    assert torch.equal(packed, weight)
    # Filters last in memory, then channels, columns, rows
    memory = packed.permute(2, 3, 1, 0)
    assert memory.is_contiguous()
    assert torch.equal(to_kernel_layout(packed), weight)


@pytest.mark.parametrize(("kernel", "stride"), [(4, 2), (6, 3), (6, 2), (2, 2), (3, 1)])
def test_phases_take_every_tap_once_and_reversed_within_a_phase(kernel: int, stride: int) -> None:
    """Tap r of a phase p is row p + r * stride of the filter, the last one first."""
    taps = kernel // stride
    expected = [
        (row + stride * (taps - 1 - down)) * kernel + column + stride * (taps - 1 - across)
        for row in range(stride)
        for column in range(stride)
        for down in range(taps)
        for across in range(taps)
    ]
    order = calls._phase_order(kernel, stride).tolist()
    assert order == expected
    assert sorted(order) == list(range(kernel * kernel))


@pytest.mark.parametrize(
    ("transpose", "channels", "axes"),
    [
        (False, 8, (2, 3, 1, 0)),  # a convolution reads (k, k, c, f)
        (True, 1, (0, 2, 3, 1)),  # a transpose by columns reads (f, k, k, c)
    ],
)
def test_weights_are_packed_in_the_order_they_are_read(
    transpose: bool, channels: int, axes: tuple[int, ...]
) -> None:
    weight = torch.randn(8, channels, 4, 4, generator=torch.Generator().manual_seed(0))
    geometry = transposed_geometry(torch.Size([8, 4, 4]), weight.shape, 2, 1, 0)
    packed = calls._packed(to_kernel_layout(weight), geometry, transpose=transpose)
    assert packed.is_contiguous()
    assert torch.equal(packed, weight.permute(axes))
