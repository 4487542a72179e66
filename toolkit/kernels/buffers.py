"""Scratch memory of a kernel: what it keeps of one image at a time, in one block of memory."""

from functools import cache
from itertools import takewhile

from toolkit.kernels.geometry import Geometry


def buffer_sizes(geometry: Geometry) -> dict[str, int]:
    """Float32 numbers in each buffer, in the order in which the buffers lie."""
    (image_height, image_width), (height, width) = geometry.padded_image, geometry.padded_features
    image = image_height * image_width * geometry.image[0]
    features = height * width * geometry.features[0]
    sizes = {"padded image": image, "padded features": features}
    if geometry.winograd:
        weights = geometry.patch * geometry.features[0]
        sizes |= {"image differences": image, "feature differences": features}
        sizes |= {"feature sums": features // 2}
        sizes |= {"tap sums": weights // 2, "shared gradient": weights // 2}
    if not geometry.phased:
        sizes |= {"columns": height * width * geometry.patch, "overlap sums": image}
    return sizes


@cache
def scratch_size(geometry: Geometry) -> int:
    """Float32 numbers of scratch memory that a kernel needs; all must be zero at first."""
    return sum(buffer_sizes(geometry).values())


def buffer_offset(name: str, geometry: Geometry) -> int:
    """Position of a buffer's first number in the scratch memory."""
    sizes = buffer_sizes(geometry)
    return sum(sizes[before] for before in takewhile(lambda other: other != name, sizes))
