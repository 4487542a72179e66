"""Hot spots: groups of channels that many members found, and the order that shows them."""

from toolkit.structure.find import find_structure
from toolkit.structure.methods import (
    AGREES,
    DEFAULT_METHOD,
    METHODS,
    AverageLinkage,
    Method,
    Optics,
    default_min_samples,
    least_members,
)
from toolkit.structure.records import Group, Profile, Structure

__all__ = [
    "AGREES",
    "DEFAULT_METHOD",
    "METHODS",
    "AverageLinkage",
    "Group",
    "Method",
    "Optics",
    "Profile",
    "Structure",
    "default_min_samples",
    "find_structure",
    "least_members",
]
