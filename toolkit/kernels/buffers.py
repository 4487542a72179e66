"""What a kernel keeps of one image at a time, all in one piece of memory."""

from functools import cache
from itertools import takewhile

from toolkit.kernels.geometry import Geometry


def parts(geometry: Geometry) -> dict[str, int]:
    """Numbers of each part, in their order."""
    (tall, wide), (height, width) = geometry.fine_frame, geometry.coarse_frame
    fine, coarse = tall * wide * geometry.fine[0], height * width * geometry.coarse[0]
    made = {"fine frame": fine, "coarse frame": coarse}
    if geometry.paired:
        weights = geometry.reached * geometry.coarse[0]
        made |= {"fine differences": fine, "coarse differences": coarse}
        made |= {"coarse sums": coarse // 2}
        made |= {"both taps": weights // 2, "both gradients": weights // 2}
    if not geometry.phased:
        made |= {"columns": height * width * geometry.reached, "added up": fine}
    return made


@cache
def room(geometry: Geometry) -> int:
    """Numbers of scratch that a kernel wants; all zero at first."""
    return sum(parts(geometry).values())


def place_of(part: str, geometry: Geometry) -> int:
    """Where a part of the scratch lies."""
    sizes = parts(geometry)
    return sum(sizes[name] for name in takewhile(lambda name: name != part, sizes))
