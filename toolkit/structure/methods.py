"""The methods that find groups of channels, and their settings.

A method is a row of `METHODS`: a frozen dataclass with its limits, as params.yaml may give them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt

from toolkit.errors import ToolkitError

AGREES = 0.45  # NMI above chance from which on two channels carry the same: benchmarks/structure.py
SAME = 1e-9  # NMI and distances this close are equal; channels at a smaller distance are copies
MOST_NEEDED = 20  # members that a group never needs more of: the paper's number


@dataclass(frozen=True, kw_only=True)
class AverageLinkage:
    """Average linkage (UPGMA; Sokal & Michener, 1958) on NMI above chance, cut at one height.

    The cut is the middle of the range 0.3 to 0.6, over which the tuning scenarios of
    docs/benchmarks/structure.md hardly change.

    Arguments:
        cut: mean NMI above chance between two clusters from which on they are one.
    """

    cut: Annotated[float, Gt(0), Lt(1)] = AGREES


@dataclass(frozen=True, kw_only=True)
class Optics:
    """OPTICS (Ankerst, Breunig, Kriegel & Sander, 1999) with the xi method, as the paper has it.

    Murphy, Dillavou & Bassett (TMLR 2025), https://arxiv.org/abs/2405.21042.

    Arguments:
        by: the dissimilarity of channels: `vi`, the variation of information in bits; or `nmi`,
            minus its natural logarithm.
        min_samples: neighbours that make a channel the core of a group; None chooses by the number
            of members (`default_min_samples`).
    """

    by: Literal["vi", "nmi"] = "vi"
    min_samples: Annotated[int, Ge(2)] | None = None

    def __post_init__(self) -> None:
        if self.min_samples is not None and self.min_samples < 2:
            raise ToolkitError(
                f"min_samples is {self.min_samples}, but a group needs at least 2 channels. "
                "`default_min_samples` gives a number that suits the ensemble."
            )


Method = AverageLinkage | Optics
DEFAULT_METHOD = "average_linkage"
METHODS: Mapping[str, type[Method]] = {DEFAULT_METHOD: AverageLinkage, "optics": Optics}


def default_min_samples(members: int) -> int:
    """How many channels make a group of OPTICS: half of the members, at least 3, at most 20.

    With fewer, OPTICS cuts the channels of one hot spot into parts. 20 is the paper's number; more
    members do not raise it, because large ensembles mix settings, and a group that is found under
    one of them should still be seen.

    >>> [default_min_samples(members) for members in (5, 10, 25, 50, 300)]
    [3, 5, 13, 20, 20]

    Raises:
        ToolkitError: `members` is below 1.
    """
    if members < 1:
        raise ToolkitError(f"`members` is {members}; it must be at least 1.")
    return min(MOST_NEEDED, max(3, (members + 1) // 2))


def least_members(members: int) -> int:
    """How many members a group of average linkage needs: a quarter, at least 2, at most 20.

    Of members whose axes point anywhere, two or three agree by chance in one channel; a quarter of
    them hardly ever does.

    Arguments:
        members: that have an informative channel.

    >>> [least_members(members) for members in (3, 8, 12, 50, 300)]
    [2, 2, 3, 13, 20]
    """
    return min(MOST_NEEDED, max(2, -(-members // 4)))
