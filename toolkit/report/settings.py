"""How runs are compared: the settings of one comparison."""

from dataclasses import dataclass, field

from toolkit.information import INFORMATIVE_BITS
from toolkit.structure import DEFAULT_METHOD, METHODS, Method


@dataclass(frozen=True, kw_only=True)
class ComparisonSettings:
    """Settings of one comparison of runs.

    Arguments:
        seed: of the random assignment of images to groups, and of the draw of fewer images.
        threshold_bits: channels that carry no more are left out of the structure; 0 or more.
        method: that finds hot spots: a row of `toolkit.structure.METHODS`, with its settings.
        resamples: groups of images that are left out in turn for intervals, 2 or more; at most one
            group per image is made.
    """

    seed: int
    threshold_bits: float = INFORMATIVE_BITS
    method: Method = field(default_factory=lambda: METHODS[DEFAULT_METHOD]())
    resamples: int = 20
