"""Fusing what the members of an ensemble know into one space."""

from toolkit.information.fusion.ascent import FusedSpaces, FusionSettings, fuse
from toolkit.information.fusion.continuity import continuity
from toolkit.information.fusion.objective import SIMILARITIES
from toolkit.information.fusion.sizes import SizeStudy, study_sizes

__all__ = [
    "SIMILARITIES",
    "FusedSpaces",
    "FusionSettings",
    "SizeStudy",
    "continuity",
    "fuse",
    "study_sizes",
]
