"""What channels and spaces know, in bits."""

from toolkit.information.agreement import cross_run_agreement
from toolkit.information.channels import (
    ChannelComparison,
    channel_information,
    compare_channels,
)
from toolkit.information.gaussian import bhattacharyya_distance

__all__ = [
    "ChannelComparison",
    "bhattacharyya_distance",
    "channel_information",
    "compare_channels",
    "cross_run_agreement",
]
