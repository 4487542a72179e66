"""What was found: groups of channels, and the order in which they are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float, Int
from torch import Tensor

from toolkit.structure.methods import Method

Similarity = Literal["nmi", "vi"]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Channels that carry nearly the same information.

    Arguments:
        channels: their positions in the whole comparison, ascending; all agree with the central
            one, with an NMI above chance of 0.45 or more.
        central: the one with the greatest mean NMI to the others.
        members: the members they belong to, ascending; empty if members were not given.
        mean_nmi: over all pairs of the group.
        smallest_nmi: of all pairs of the group.
        splits: the channels of each member that has two or more of them in the group.
    """

    channels: tuple[int, ...]
    central: int
    members: tuple[int, ...]
    mean_nmi: float
    smallest_nmi: float
    splits: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """An order of channels in which similar ones are neighbours, and how far each is from the last.

    Arguments:
        order: positions of the informative channels in the whole comparison.
        reachability: in that order; infinite at the start of a part.
        unit: of the reachability, in words.
    """

    order: Int[Tensor, " k"]
    reachability: Float[Tensor, " k"]
    unit: str


@dataclass(frozen=True, kw_only=True)
class Structure:
    """The order and the groups of similar channels.

    Arguments:
        kept: positions of the informative channels in the whole comparison, ascending.
        order: the same positions so that similar channels are neighbours.
        reachability: in that order; infinite at the start of a part.
        groups: in that order; channels in none are noise.
        method: that found the groups, with all settings.
        profiles: the order to draw each matrix in. OPTICS has an order by NMI and another by VI, as
            in the paper; average linkage has one.
    """

    kept: Int[Tensor, " k"]
    order: Int[Tensor, " k"]
    reachability: Float[Tensor, " k"]
    groups: tuple[Group, ...]
    method: Method
    profiles: Mapping[Similarity, Profile]
