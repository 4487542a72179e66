"""Training a stack of members: a generator of step reports, as `toolkit.training.fit` for one."""

import math
from collections.abc import Generator, Sequence

import torch
from jaxtyping import UInt8
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.training.batches import ImageRows
from toolkit.training.checkpoint import Checkpoint
from toolkit.training.curve import Curve
from toolkit.training.fit import batches_for, check_images
from toolkit.training.outcomes import DivergedError, Fitted, Outcome, Snapshot, StepReport
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked.batches import StackedBatches
from toolkit.training.stacked.checkpoint import load_stack, save_stack
from toolkit.training.stacked.stack import Stack, groups
from toolkit.training.training_state import TrainingState
from toolkit.training.views import KnownFactors, partners_for


def fit_together(
    settings: Sequence[MemberSettings],
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    *,
    factors: KnownFactors | None = None,
    checkpoint: Checkpoint | None = None,
    snapshots: Sequence[Snapshot] = (),
    device: torch.device | str = "cpu",
) -> Generator[tuple[int, StepReport], None, list[Outcome]]:
    """Train members as one stack; yields (position, report) of each member after each update.

    In float64 a member differs from the one that `fit` makes by rounding alone: 50 steps agree to
    1e-9 of each parameter. In float32 it is the same member for all that can be measured, but not
    bit by bit. A member that diverges ends by itself, and the others go on.

    Arguments:
        settings: of the members; `groups` says which can be stacked.
        images: the training images, 0 to 255: a tensor, or rows that are read when asked for.
        factors: of these images, for objectives that learn from pairs or triplets.
        checkpoint: where the training of all of them is saved; None: it cannot be resumed.
        snapshots: one per member, or none.
        device: where the members are trained; they come back to the processor.

    Raises:
        ToolkitError: the members cannot be stacked; or as `fit`.
    """
    if len(groups(settings)) != 1:
        raise ToolkitError(
            "these members differ in more than seed, learning rate and weights of their loss. "
            "Train each of the groups that `groups` finds by itself."
        )
    for member in settings:
        check_images(member, images)
    device = torch.device(device)
    states = [TrainingState(member, dataset_size=len(images)) for member in settings]
    stack, curves = Stack(states, device=device), [Curve(member.steps) for member in settings]
    # What the members learn from, and what their discriminators compare it with
    partners = [
        partners_for(member.objective, factors, latents=member.network.latents)
        for member in settings
    ]
    on_device = images.to(device) if isinstance(images, Tensor) else images
    first, second = (
        StackedBatches(
            [
                batches_for(member, images, purpose, drawn)
                for member, drawn in zip(settings, partners, strict=True)
            ],
            on_device,
            dtype=settings[0].dtype,
            device=device,
        )
        for purpose in ("order", "second order")
    )
    start, diverged = 0, dict[int, DivergedError]()
    if checkpoint is not None and checkpoint.path.exists():
        start, diverged = load_stack(checkpoint.path, stack, curves, snapshots=snapshots)
    for step in range(start, settings[0].steps):
        other = None if stack.adversary_optimiser is None else second.at(step)
        terms = stack.update(first.at(step), other, step=step)
        values = torch.stack([terms[name] for name in terms]).cpu()  # one transfer per step
        losses: dict[int, float] = {}
        for row in range(len(settings)):
            if row in diverged:
                continue
            parts = {name: values[part, row : row + 1] for part, name in enumerate(terms)}
            loss = parts["loss"].item()
            if not math.isfinite(loss):
                diverged[row] = DivergedError.of_loss(step + 1, loss)
                continue
            losses[row] = loss
            curves[row].add(step + 1, parts)
            if snapshots and step + 1 in snapshots[row].steps:
                try:
                    snapshots[row].take(step + 1, stack.model(row).eval())
                except DivergedError as error:
                    diverged[row] = error
        if checkpoint is not None and (step + 1) % checkpoint.every == 0:
            save_stack(checkpoint.path, stack, curves, step=step + 1, diverged=diverged)
        for row, loss in losses.items():
            yield row, StepReport(step=step + 1, steps=settings[row].steps, loss=loss)
    stack.unstack()
    return [
        diverged[row]
        if row in diverged
        else Fitted(model=state.model.eval(), adversary=state.adversary, curve=curves[row].table())
        for row, state in enumerate(states)
    ]
