"""What channels and spaces know, in bits."""

from toolkit.information.agreement import agreement_interval, cross_run_agreement
from toolkit.information.channels import (
    ChannelComparison,
    ChannelIntervals,
    CrossComparison,
    IntervalEstimate,
    PairIntervals,
    channel_information,
    channel_intervals,
    channel_upper_bound,
    compare_at_sizes,
    compare_channel_sets,
    compare_channels,
    information_at_sizes,
    information_intervals,
    is_saturated,
    join_comparisons,
    pair_intervals,
)
from toolkit.information.checks import INFORMATIVE_BITS, DivergedChannelsError
from toolkit.information.fusion import FusionSettings, SizeStudy, study_sizes
from toolkit.information.gaussian import bhattacharyya_distance
from toolkit.information.measures import MEASURES, Measure, measure_spaces
from toolkit.information.monte_carlo import (
    Estimate,
    SpaceEstimates,
    estimate_spaces,
    full_space_information,
)
from toolkit.information.pairwise import COMPARISONS, Comparison
from toolkit.information.random_axes import random_rotation, turn_axes
from toolkit.information.spaces import Space, SpaceComparison, compare_spaces

__all__ = [
    "COMPARISONS",
    "INFORMATIVE_BITS",
    "MEASURES",
    "ChannelComparison",
    "ChannelIntervals",
    "Comparison",
    "CrossComparison",
    "DivergedChannelsError",
    "Estimate",
    "FusionSettings",
    "IntervalEstimate",
    "Measure",
    "PairIntervals",
    "SizeStudy",
    "Space",
    "SpaceComparison",
    "SpaceEstimates",
    "agreement_interval",
    "bhattacharyya_distance",
    "channel_information",
    "channel_intervals",
    "channel_upper_bound",
    "compare_at_sizes",
    "compare_channel_sets",
    "compare_channels",
    "compare_spaces",
    "cross_run_agreement",
    "estimate_spaces",
    "full_space_information",
    "information_at_sizes",
    "information_intervals",
    "is_saturated",
    "join_comparisons",
    "measure_spaces",
    "pair_intervals",
    "random_rotation",
    "study_sizes",
    "turn_axes",
]
