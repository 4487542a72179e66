"""What channels and spaces know, in bits."""

from toolkit.information.agreement import cross_run_agreement
from toolkit.information.channels import (
    ChannelComparison,
    channel_information,
    compare_channels,
)
from toolkit.information.gaussian import bhattacharyya_distance
from toolkit.information.measures import MEASURES, Measure, measure_spaces
from toolkit.information.monte_carlo import (
    Estimate,
    SpaceEstimates,
    estimate_spaces,
    full_space_information,
)
from toolkit.information.spaces import Space, SpaceComparison, compare_spaces
from toolkit.information.synthetic import synthetic_spaces

__all__ = [
    "MEASURES",
    "ChannelComparison",
    "Estimate",
    "Measure",
    "Space",
    "SpaceComparison",
    "SpaceEstimates",
    "bhattacharyya_distance",
    "channel_information",
    "compare_channels",
    "compare_spaces",
    "cross_run_agreement",
    "estimate_spaces",
    "full_space_information",
    "measure_spaces",
    "synthetic_spaces",
]
