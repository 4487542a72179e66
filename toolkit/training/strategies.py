"""How many members are trained: one after the other, on worker processes, or as stacks.

One after the other and on processes a member is the same to the last bit; in a stack it is the same
but for rounding. A convolution over a stack is no quicker than its parts on a processor (measured),
so stacks are for accelerators.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from toolkit.errors import UnknownNameError
from toolkit.execution import Execute, processes, serial
from toolkit.threads import cores
from toolkit.training.devices import choose_device
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked import groups

STRATEGIES = ("auto", "loop", "processes", "fused")
WORTHWHILE = 200  # updates in all from which worker processes make up for their start

Task = TypeVar("Task")


@dataclass(frozen=True, kw_only=True)
class Block(Generic[Task]):
    """What is done in one piece: one task by itself, or the tasks of a stack of members.

    Arguments:
        tasks: at least one; several only in a stack.
        device: where its members are trained.
        stacked: whether its members are trained as a stack.
    """

    tasks: tuple[Task, ...]
    device: str = "cpu"
    stacked: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How some members will be trained.

    Arguments:
        strategy: "loop", "processes" or "fused".
        blocks: positions of the members that are trained together.
        workers: worker processes; 1: this process.
        reason: why, in words.
    """

    strategy: str
    blocks: tuple[Block[int], ...]
    workers: int
    reason: str

    @property
    def execute(self) -> Execute:
        """What runs the blocks."""
        return processes(self.workers) if self.workers > 1 else serial

    def __str__(self) -> str:
        return f"{self.strategy}: {self.reason}"


def plan(
    settings: Sequence[MemberSettings], *, strategy: str = "auto", device: str | None = None
) -> Plan:
    """How to train members; `auto` decides by device, number and length.

    A stack of one member on the processor would be the member by itself, more slowly; so it is
    trained by itself.

    >>> plan([]).strategy
    'loop'

    Arguments:
        settings: of the members.
        strategy: a name in `STRATEGIES`.
        device: "cpu", "cuda", "cuda:1" or "mps"; None: an accelerator if there is one. Only stacks
            are trained elsewhere than on the processor.

    Raises:
        UnknownNameError: there is no such strategy.
        ToolkitError: there is no such device.
    """
    if strategy not in STRATEGIES:
        raise UnknownNameError("strategy", strategy, STRATEGIES)
    chosen = choose_device(device, settings)
    if strategy == "fused" or (strategy == "auto" and chosen != "cpu" and len(settings) > 1):
        stacks = tuple(
            Block(tasks=tuple(group), device=chosen, stacked=len(group) > 1 or chosen != "cpu")
            for group in groups(settings)
        )
        reason = f"{_count(settings, 'member')} in {_count(stacks, 'stack')} on {chosen}"
        return Plan(strategy="fused", blocks=stacks, workers=1, reason=reason)
    # On the processor
    blocks = tuple(Block(tasks=(position,)) for position in range(len(settings)))
    workers = max(min(len(settings), cores()), 1)
    updates = sum(member.steps for member in settings)
    if strategy == "processes" or (strategy == "auto" and workers > 1 and updates >= WORTHWHILE):
        reason = f"{_count(settings, 'member')} on {workers} worker processes"
        return Plan(strategy="processes", blocks=blocks, workers=workers, reason=reason)
    reason = f"{_count(settings, 'member')} one after the other"
    return Plan(strategy="loop", blocks=blocks, workers=1, reason=reason)


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
