"""What the page shows of a hot spot, and of a channel."""

import base64

import numpy as np
from jaxtyping import UInt8

from toolkit.figures import picture_to_png, strip
from toolkit.figures.style import MUTED
from toolkit.report.records import Findings, HotSpot

Strip = UInt8[np.ndarray, "steps h w"] | UInt8[np.ndarray, "steps h w 3"]


def group(rank: int) -> str:
    """Style class of a hot spot's colour: g1 to g9 and round again.

    >>> group(1), group(10)
    ('g1', 'g1')
    """
    return f"g{(rank - 1) % len(MUTED) + 1}"


def card(findings: Findings, spot: HotSpot, traversal: Strip | None) -> dict[str, object]:
    """What the template shows of one hot spot."""
    channels = [findings.channels[position] for position in spot.channels]
    found = {channel.run for channel in channels}
    return {
        "spot": spot,
        "found": [run in found for run in range(len(findings.runs))],
        "runs": sorted(run + 1 for run in found),
        "channels": channels,
        "saturated": any(channel.saturated for channel in channels),
        "strip": None if traversal is None else _picture(traversal),
        "steps": 0 if traversal is None else len(traversal),
    }


def _picture(traversal: Strip) -> str:
    return "data:image/png;base64," + base64.b64encode(picture_to_png(strip(traversal))).decode()
