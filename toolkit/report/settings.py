"""How runs are compared: the settings of one comparison."""

from dataclasses import dataclass
from typing import Literal

from toolkit.information import INFORMATIVE_BITS


@dataclass(frozen=True, kw_only=True)
class ComparisonSettings:
    """Settings of one comparison of runs.

    Arguments:
        seed: of the random assignment of images to groups, and of the draw of fewer images.
        threshold_bits: channels that carry no more are left out of the structure; 0 or more.
        by: the dissimilarity that orders and groups channels: "vi" (bits) or "nmi" (-ln NMI).
        min_samples: channels in the neighbourhood of a core channel of OPTICS, 2 or more; None
            chooses it from the number of runs.
        resamples: groups of images that are left out in turn for intervals, 2 or more; at most one
            group per image is made.
    """

    seed: int
    threshold_bits: float = INFORMATIVE_BITS
    by: Literal["vi", "nmi"] = "vi"
    min_samples: int | None = None
    resamples: int = 20
