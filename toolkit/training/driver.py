"""The driver of many members: it plans blocks of them, runs the blocks, and passes on progress.

What is done with the members of a block is an argument: `dvc repro` trains, evaluates, scores and
writes them down (`toolkit.pipeline.members.make`), `train` trains them and no more.
"""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TypeVar

from jaxtyping import UInt8
from torch import Tensor

from toolkit.execution import Done
from toolkit.training.batches import ImageRows
from toolkit.training.checkpoint import Checkpoint
from toolkit.training.fit import fit
from toolkit.training.outcomes import DivergedError, Outcome, Snapshot, StepReport
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked import fit_together
from toolkit.training.stacked.checkpoint import stack_key
from toolkit.training.strategies import Block, Plan, Task, plan
from toolkit.training.views import KnownFactors

Event = TypeVar("Event")
Result = TypeVar("Result")


def train_members(
    tasks: Sequence[Task],
    *,
    settings_of: Callable[[Task], MemberSettings | None],
    work: Callable[[Block[Task]], Generator[tuple[int, Event], None, Sequence[Result]]],
    strategy: str = "auto",
    device: str | None = None,
    announce: Callable[[Plan], None] | None = None,
) -> Generator[tuple[int, Event], None, list[Result]]:
    """Do `work` on blocks of members, yielding (position of the task, event); returns the results.

    Members without settings to train are blocks of their own on the processor, whatever is planned
    for the others: they are never part of a stack and never on an accelerator.

    Arguments:
        tasks: one per member, in any order and of any kinds; worker processes get them pickled.
        settings_of: the settings of a task whose member is to be trained; None: it is trained.
        work: a generator function of a block that yields (row in the block, event) and returns
            a result per task of the block; worker processes get it pickled.
        strategy: a name in `STRATEGIES`.
        device: where stacks are trained; None: an accelerator if there is one.
        announce: is called with the plan before the first block, if any member is to be trained.

    Raises:
        ToolkitError: as `plan` and `work`.
    """
    settings = {
        position: known
        for position, task in enumerate(tasks)
        if (known := settings_of(task)) is not None
    }
    untrained = list(settings)
    chosen = plan(list(settings.values()), strategy=strategy, device=device)
    if untrained and announce is not None:
        announce(chosen)
    positions = [tuple(untrained[row] for row in block.tasks) for block in chosen.blocks]
    blocks = [
        Block(
            tasks=tuple(tasks[position] for position in members),
            device=block.device,
            stacked=block.stacked,
        )
        for members, block in zip(positions, chosen.blocks, strict=True)
    ]
    for position, task in enumerate(tasks):
        if position not in settings:
            positions.append((position,))
            blocks.append(Block(tasks=(task,)))
    results: dict[int, Result] = {}
    for number, event in chosen.execute(work, blocks):
        if isinstance(event, Done):
            results |= dict(zip(positions[number], event.value, strict=True))
        else:
            row, report = event
            yield positions[number][row], report
    return [results[position] for position in range(len(tasks))]


def fit_block(
    block: Block[MemberSettings],
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    *,
    factors: KnownFactors | None,
    checkpoint: Checkpoint | None,
    snapshots: Sequence[Snapshot] = (),
) -> Generator[tuple[int, StepReport], None, list[Outcome]]:
    """Train the members of a block, yielding (row, report); a diverged member is an outcome too.

    Arguments:
        block: settings of one member, or of the members of a stack.
        images: the training images, 0 to 255: a tensor, or rows that are read when asked for.
        factors: of these images, for objectives that learn from pairs or triplets.
        checkpoint: of the block; None: the training cannot be resumed.
        snapshots: one per member, or none.

    Raises:
        ToolkitError: as `fit`.
    """
    if block.stacked:
        return (
            yield from fit_together(
                block.tasks,
                images,
                factors=factors,
                checkpoint=checkpoint,
                snapshots=snapshots,
                device=block.device,
            )
        )
    snapshot = snapshots[0] if snapshots else None
    try:
        training = fit(
            block.tasks[0], images, factors=factors, checkpoint=checkpoint, snapshot=snapshot
        )
        while True:
            try:
                yield 0, next(training)
            except StopIteration as end:
                return [end.value]
    except DivergedError as error:
        return [error]


def train(
    settings: Sequence[MemberSettings],
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    *,
    factors: KnownFactors | None = None,
    strategy: str = "auto",
    device: str | None = None,
    checkpoint: Callable[[str], Checkpoint] | None = None,
) -> Generator[tuple[int, StepReport], None, list[Outcome]]:
    """Train members, yielding (position, report) per update; returns the outcome of each.

    A member that diverges is a `DivergedError` among the outcomes, and the others go on.

    >>> import torch
    >>> from toolkit.networks import TanhMLP
    >>> from toolkit.objectives import BetaVAE, Bernoulli
    >>> images = torch.zeros(4, 1, 8, 8, dtype=torch.uint8)
    >>> settings = [
    ...     MemberSettings(
    ...         data="digest of the images", image_shape=(1, 8, 8), network=TanhMLP(latents=2),
    ...         objective=BetaVAE(beta=beta), likelihood=Bernoulli(), learning_rate=1e-3,
    ...         steps=2, batch_size=2, precision="float32", seed=0,
    ...     )
    ...     for beta in (1.0, 4.0)
    ... ]
    >>> [(position, report.step) for position, report in train(settings, images, strategy="loop")]
    [(0, 1), (0, 2), (1, 1), (1, 2)]

    Arguments:
        settings: of the members, in any order and of any kinds.
        images: the training images, 0 to 255: a tensor, or rows that are read when asked for.
        factors: of these images, for objectives that learn from pairs or triplets.
        strategy: a name in `STRATEGIES`.
        device: where stacks are trained; None: an accelerator if there is one.
        checkpoint: from a key (of a member, or of a stack) to where its training is saved;
            None: the trainings cannot be resumed.

    Raises:
        ToolkitError: as `plan` and `fit`.
    """
    work = partial(_train_block, images=images, factors=factors, checkpoint=checkpoint)
    return (
        yield from train_members(
            settings, settings_of=lambda member: member, work=work, strategy=strategy, device=device
        )
    )


def _train_block(
    block: Block[MemberSettings],
    *,
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    factors: KnownFactors | None,
    checkpoint: Callable[[str], Checkpoint] | None,
) -> Generator[tuple[int, StepReport], None, list[Outcome]]:
    key = stack_key(block.tasks) if block.stacked else block.tasks[0].key
    return (
        yield from fit_block(
            block,
            images,
            factors=factors,
            checkpoint=None if checkpoint is None else checkpoint(key),
        )
    )
