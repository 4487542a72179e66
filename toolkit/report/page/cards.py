"""The card of a hot spot on the page."""

import base64

import numpy as np
from jaxtyping import UInt8

from toolkit.figures import picture_to_png, strip
from toolkit.figures.style import MUTED
from toolkit.report.hot_spots import HotSpot
from toolkit.report.records import Findings

Strip = UInt8[np.ndarray, "steps h w"] | UInt8[np.ndarray, "steps h w 3"]


def group(rank: int) -> str:
    """Style class of a hot spot's colour: g1 to g9, cyclic.

    >>> group(1), group(10)
    ('g1', 'g1')
    """
    return f"g{(rank - 1) % len(MUTED) + 1}"


def card(findings: Findings, spot: HotSpot, traversal: Strip | None) -> dict[str, object]:
    """The variables of the template for one hot spot."""
    channels = [findings.channels[position] for position in spot.channels]
    found = {channel.run for channel in channels}
    png = ""
    if traversal is not None:
        png = base64.b64encode(picture_to_png(strip(traversal))).decode()
    return {
        "spot": spot,
        "found": [run in found for run in range(len(findings.runs))],
        "runs": sorted(run + 1 for run in found),
        "channels": channels,
        "splits": [f"run {findings.channels[split[0]].run + 1}" for split in spot.splits],
        "unsettled": [
            f"run {findings.channels[position].run + 1} z{findings.channels[position].latent}"
            for position in spot.stability.unsettled
        ],
        "saturated": any(channel.saturated for channel in channels),
        "strip": None if traversal is None else f"data:image/png;base64,{png}",
        "steps": 0 if traversal is None else len(traversal),
    }
