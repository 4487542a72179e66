"""How many members are trained: one after the other, on worker processes, or as stacks.

One after the other and on processes a member is the same to the last bit; in a stack it is the same
but for rounding. A convolution over a stack is no quicker than its parts on a processor (measured),
so stacks are for accelerators.
"""

import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import UInt8
from torch import Tensor

from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.execution import Done, Execute, processes, serial
from toolkit.training.batches import ImageRows
from toolkit.training.checkpoint import Checkpoint
from toolkit.training.fit import DivergedError, StepReport, fit
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked import fit_together, groups
from toolkit.training.stacked.checkpoint import stack_key
from toolkit.training.stacked.fit import Outcome
from toolkit.training.views import KnownFactors

STRATEGIES = ("auto", "loop", "processes", "fused")
WORTHWHILE = 200  # updates in all from which worker processes make up for their start


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How some members will be trained.

    Arguments:
        strategy: "loop", "processes" or "fused".
        blocks: positions of the members that are trained at a time; more than one is a stack.
        workers: worker processes; 1: this process.
        device: where members are trained.
        reason: why, in words.
    """

    strategy: str
    blocks: tuple[tuple[int, ...], ...]
    workers: int
    device: str
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

    >>> plan([]).strategy
    'loop'

    Arguments:
        settings: of the members.
        strategy: a name in `STRATEGIES`.
        device: "cpu", "cuda" or "cuda:1"; None: an accelerator if there is one. Only stacks are
            trained elsewhere than on the processor.

    Raises:
        UnknownNameError: there is no such strategy.
        ToolkitError: there is no such device.
    """
    if strategy not in STRATEGIES:
        raise UnknownNameError("strategy", strategy, STRATEGIES)
    where = _device(device)
    stacks = tuple(tuple(group) for group in groups(settings))
    if strategy == "fused" or (strategy == "auto" and where != "cpu" and len(settings) > 1):
        reason = f"{_count(settings, 'member')} in {_count(stacks, 'stack')} on {where}"
        return Plan(strategy="fused", blocks=stacks, workers=1, device=where, reason=reason)
    return _on_processor(settings, strategy)


def _on_processor(settings: Sequence[MemberSettings], strategy: str) -> Plan:
    alone = tuple((position,) for position in range(len(settings)))
    workers = min(len(settings), cores())
    updates = sum(one.steps for one in settings)
    if strategy == "processes" or (strategy == "auto" and workers > 1 and updates >= WORTHWHILE):
        reason = f"{_count(settings, 'member')} on {max(workers, 1)} worker processes"
        return Plan(
            strategy="processes",
            blocks=alone,
            workers=max(workers, 1),
            device="cpu",
            reason=reason,
        )
    reason = f"{_count(settings, 'member')} one after the other"
    return Plan(strategy="loop", blocks=alone, workers=1, device="cpu", reason=reason)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def train(
    settings: Sequence[MemberSettings],
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    *,
    factors: KnownFactors | None = None,
    strategy: str = "auto",
    device: str | None = None,
    checkpoint: Callable[[str], Checkpoint] | None = None,
) -> Generator[tuple[int, StepReport], None, list[Outcome]]:
    """Train members, yielding (position, moment) as they go; returns what came of each.

    A member that diverges is a `DivergedError` among the outcomes, and the others go on.

    >>> from toolkit.networks import TanhMLP
    >>> from toolkit.objectives import BetaVAE, Bernoulli
    >>> images = torch.zeros(4, 1, 8, 8, dtype=torch.uint8)
    >>> given = [
    ...     MemberSettings(
    ...         data="digest of the images", image_shape=(1, 8, 8), network=TanhMLP(latents=2),
    ...         objective=BetaVAE(beta=beta), likelihood=Bernoulli(), learning_rate=1e-3,
    ...         steps=2, batch_size=2, precision="float32", seed=0,
    ...     )
    ...     for beta in (1.0, 4.0)
    ... ]
    >>> [(position, moment.step) for position, moment in train(given, images, strategy="loop")]
    [(0, 1), (0, 2), (1, 1), (1, 2)]

    Arguments:
        settings: of the members, in any order and of any kinds.
        images: the training images, 0 to 255: a tensor, or rows that are read when asked for.
        factors: of these images, for objectives that learn from pairs or triplets.
        strategy: a name in `STRATEGIES`.
        device: where stacks are trained.
        checkpoint: from a key (of a member, or of a stack) to where its training stands.

    Raises:
        ToolkitError: as `plan` and `fit`.
    """
    chosen = plan(settings, strategy=strategy, device=device)
    blocks = [tuple(settings[position] for position in block) for block in chosen.blocks]
    work = partial(
        _train_block,
        images=images,
        factors=factors,
        stacked=chosen.strategy == "fused",
        device=chosen.device,
        checkpoint=checkpoint,
    )
    outcomes: dict[int, Outcome] = {}
    for place, event in chosen.execute(work, blocks):
        if isinstance(event, Done):
            outcomes |= dict(zip(chosen.blocks[place], event.value, strict=True))
        else:
            row, moment = event
            yield chosen.blocks[place][row], moment
    return [outcomes[position] for position in range(len(settings))]


def _train_block(
    block: Sequence[MemberSettings],
    *,
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    factors: KnownFactors | None,
    stacked: bool,
    device: str,
    checkpoint: Callable[[str], Checkpoint] | None,
) -> Generator[tuple[int, StepReport], None, list[Outcome]]:
    key = stack_key(block) if stacked else block[0].key
    kept = None if checkpoint is None else checkpoint(key)
    if stacked:
        return (
            yield from fit_together(block, images, factors=factors, checkpoint=kept, device=device)
        )
    try:
        training = fit(block[0], images, factors=factors, checkpoint=kept)
        while True:
            try:
                yield 0, next(training)
            except StopIteration as end:
                return [end.value]
    except DivergedError as error:
        return [error]


def _device(name: str | None) -> str:
    if name is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(name).type
    except RuntimeError as error:
        raise ToolkitError(f"{name!r} is no device. Use `cpu`, `cuda` or `cuda:0`.") from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise ToolkitError(
            f"{name!r} is no device of this machine: PyTorch sees no CUDA accelerator here. "
            "Use `cpu`, or leave the device out."
        )
    return name


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
