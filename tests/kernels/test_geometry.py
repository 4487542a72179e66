import pytest
import torch
from torch.nn.functional import conv_transpose2d

from toolkit.kernels.buffers import buffer_offset, buffer_sizes, scratch_size
from toolkit.kernels.geometry import (
    Geometry,
    convolution_geometry,
    numel,
    transposed_geometry,
)


def geometry(channels: int, side: int, kernel: int, stride: int, padding: int) -> Geometry:
    weight = torch.Size([8, channels, kernel, kernel])
    return convolution_geometry(torch.Size([channels, side, side]), weight, stride, padding)


CASES = [(8, 12, 4, 2, 1), (8, 12, 3, 3, 0), (8, 9, 3, 1, 1), (16, 16, 6, 3, 2), (1, 9, 4, 2, 1)]


@pytest.mark.parametrize("output_padding", [0, 1])
def test_output_padding_is_what_pytorch_counts(output_padding: int) -> None:
    maps, weight = torch.Size([8, 4, 4]), torch.Size([8, 8, 4, 4])
    found = transposed_geometry(maps, weight, 2, 1, output_padding)
    reference = conv_transpose2d(
        torch.zeros(1, *maps), torch.zeros(weight), None, 2, 1, output_padding
    )
    assert found.image == tuple(reference.shape[1:])
    assert found.output_padding == output_padding
    assert found.output == found.image
    assert found.input == found.features


@pytest.mark.parametrize("case", CASES)
def test_a_convolution_has_the_shape_of_pytorchs(case: tuple[int, int, int, int, int]) -> None:
    channels, side, kernel, stride, padding = case
    found = geometry(*case)
    reference = torch.nn.functional.conv2d(
        torch.zeros(1, channels, side, side),
        torch.zeros(8, channels, kernel, kernel),
        None,
        stride,
        padding,
    )
    assert found.features == tuple(reference.shape[1:])
    assert found.output == found.features
    assert numel(found.features) == reference.numel()


@pytest.mark.parametrize("case", [case for case in CASES if geometry(*case).phased])
def test_phases_reach_every_image_pixel_from_the_right_feature_pixels(
    case: tuple[int, int, int, int, int],
) -> None:
    found = geometry(*case)
    _, side, kernel, stride, padding = case
    reached: set[tuple[int, int]] = set()
    for (row, column), (feature_row, feature_column) in found.phases():
        reached |= {
            (row + stride * i, column + stride * j)
            for i in range(side // stride)
            for j in range(side // stride)
        }
        for pixel, first in ((row, feature_row), (column, feature_column)):
            # By definition: feature f adds to pixel f * stride + tap - padding
            contributing = [
                feature
                for feature in range(-kernel, side + kernel)
                if 0 <= pixel + padding - feature * stride < kernel
            ]
            assert contributing == list(range(first, first + found.taps))
            assert first >= -found.feature_padding
    assert reached == {(i, j) for i in range(side) for j in range(side)}


@pytest.mark.parametrize("case", CASES)
def test_buffers_lie_one_after_the_other(case: tuple[int, int, int, int, int]) -> None:
    found = geometry(*case)
    end = 0
    for name, size in buffer_sizes(found).items():
        assert buffer_offset(name, found) == end
        end += size
    assert scratch_size(found) == end
    assert ("tap sums" in buffer_sizes(found)) == found.winograd
    assert ("columns" in buffer_sizes(found)) == (not found.phased)
