"""What one latent dimension of a member knows, and which of two know the same."""

from toolkit.information.channels.bounds import channel_upper_bound, is_saturated
from toolkit.information.channels.comparison import (
    ChannelComparison,
    channel_information,
    compare_channels,
)
from toolkit.information.channels.cross_comparison import (
    CrossComparison,
    compare_channel_sets,
    join_comparisons,
)
from toolkit.information.channels.finite_size import interval_of_information
from toolkit.information.channels.intervals import ChannelIntervals, channel_intervals
from toolkit.information.channels.jackknife import IntervalEstimate, LeftOut
from toolkit.information.channels.pair_intervals import (
    PairIntervals,
    information_intervals,
    information_left_out,
    nmi_left_out,
    pair_intervals,
)
from toolkit.information.channels.shuffled import nmi_above_chance, shuffled_nmi
from toolkit.information.channels.subsampling import compare_at_sizes, information_at_sizes

__all__ = [
    "ChannelComparison",
    "ChannelIntervals",
    "CrossComparison",
    "IntervalEstimate",
    "LeftOut",
    "PairIntervals",
    "channel_information",
    "channel_intervals",
    "channel_upper_bound",
    "compare_at_sizes",
    "compare_channel_sets",
    "compare_channels",
    "information_at_sizes",
    "information_intervals",
    "information_left_out",
    "interval_of_information",
    "is_saturated",
    "join_comparisons",
    "nmi_above_chance",
    "nmi_left_out",
    "pair_intervals",
    "shuffled_nmi",
]
