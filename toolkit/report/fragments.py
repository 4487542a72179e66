"""How pieces of information fall apart along a hyper-parameter: the records."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A group of channels that runs with one value share: one node of the tree.

    Arguments:
        channels: positions in the channel table.
        members: positions of the runs that have it.
        bits: mean over the runs with this value of the bits of its channels.
        parent: (stage, branch) of what it is a part or a refinement of, in an earlier stage of the
            same tree; None where a piece begins.
        piece: number of the piece it belongs to, from 0; pieces are numbered as they begin.
        overlap: bits that it shares with its parent, relative to the one with less, about
            0 to 1; None where a piece begins.
    """

    channels: tuple[int, ...]
    members: tuple[int, ...]
    bits: float
    parent: tuple[int, int] | None
    piece: int
    overlap: float | None


@dataclass(frozen=True, kw_only=True)
class FactorShare:
    """What the runs with one value know of one known factor, channel by channel.

    Arguments:
        factor: its name.
        bits: mean over runs of the bits of the channels that tell mostly of this factor.
        channels: how many those are, mean over the runs that have one; 0 where none has.
        members: number of runs that have one.
    """

    factor: str
    bits: float
    channels: float
    members: int


@dataclass(frozen=True, kw_only=True)
class Stage:
    """All runs with one value.

    Arguments:
        value: of the hyper-parameter.
        runs: positions of the runs.
        branches: groups of channels, most bits first.
        unassigned_bits: mean over runs of the bits of active channels in no group.
        factors: one per known factor.
    """

    value: float
    runs: tuple[int, ...]
    branches: tuple[Branch, ...]
    unassigned_bits: float
    factors: tuple[FactorShare, ...]


@dataclass(frozen=True, kw_only=True)
class FragmentTree:
    """The pieces of information along one curve, from the value with fewest bits to most.

    Arguments:
        title: of the curve.
        parameter: the hyper-parameter.
        stages: in that order, two or more.
    """

    title: str
    parameter: str
    stages: tuple[Stage, ...]

    @property
    def pieces(self) -> int:
        """How many pieces begin anywhere."""
        return 1 + max((b.piece for stage in self.stages for b in stage.branches), default=-1)
