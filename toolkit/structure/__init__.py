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
from toolkit.structure.random_axes import DRAWS, groups_by_chance, share_by_chance
from toolkit.structure.records import Group, Profile, Structure
from toolkit.structure.stability import Stability, stability_of_groups

__all__ = [
    "AGREES",
    "DEFAULT_METHOD",
    "DRAWS",
    "METHODS",
    "AverageLinkage",
    "Group",
    "Method",
    "Optics",
    "Profile",
    "Stability",
    "Structure",
    "default_min_samples",
    "find_structure",
    "groups_by_chance",
    "least_members",
    "share_by_chance",
    "stability_of_groups",
]
