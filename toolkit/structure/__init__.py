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
from toolkit.structure.random_axes import strength, strengths_by_chance
from toolkit.structure.records import Group, Profile, Structure
from toolkit.structure.stability import Stability, stability_of_groups

__all__ = [
    "AGREES",
    "DEFAULT_METHOD",
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
    "least_members",
    "stability_of_groups",
    "strength",
    "strengths_by_chance",
]
