"""What one latent dimension of a member knows, and which of two know the same."""

from toolkit.information.channels.bounds import channel_upper_bound, is_saturated
from toolkit.information.channels.comparison import (
    ChannelComparison,
    channel_information,
    compare_channels,
)
from toolkit.information.channels.crossing import ChannelCrossing, cross_channels, join
from toolkit.information.channels.intervals import (
    ChannelIntervals,
    Interval,
    agreement_interval,
    channel_intervals,
)
from toolkit.information.channels.sizes import compare_at_sizes

__all__ = [
    "ChannelComparison",
    "ChannelCrossing",
    "ChannelIntervals",
    "Interval",
    "agreement_interval",
    "channel_information",
    "channel_intervals",
    "channel_upper_bound",
    "compare_at_sizes",
    "compare_channels",
    "cross_channels",
    "is_saturated",
    "join",
]
