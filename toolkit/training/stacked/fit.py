"""Training a stack of members: a generator of moments, as `toolkit.training.fit` is for one."""

import math
from collections.abc import Generator, Sequence

import torch
from jaxtyping import UInt8
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives import Terms
from toolkit.training.batches import ImageRows
from toolkit.training.checkpoint import Checkpoint
from toolkit.training.curve import Curve
from toolkit.training.fit import (
    DivergedError,
    Fitted,
    Snapshot,
    StepReport,
    batches_for,
    check_images,
)
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked.batches import StackedBatches
from toolkit.training.stacked.checkpoint import load_stack, save_stack
from toolkit.training.stacked.groups import groups
from toolkit.training.stacked.stack import Stack
from toolkit.training.training_state import TrainingState
from toolkit.training.views import KnownFactors, partners_for

Outcome = Fitted | DivergedError


def fit_together(
    settings: Sequence[MemberSettings],
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    *,
    factors: KnownFactors | None = None,
    checkpoint: Checkpoint | None = None,
    visits: Sequence[Snapshot] = (),
    device: torch.device | str = "cpu",
) -> Generator[tuple[int, StepReport], None, list[Outcome]]:
    """Train members as one stack; yields (position, moment) for each member after each update.

    In float64 a member differs from the one that `fit` makes by rounding alone: 50 steps agree to
    1e-9 of each parameter. In float32 it is the same member for all that can be measured, but not
    bit by bit. A member that diverges ends by itself, and the others go on.

    Arguments:
        settings: of the members; `groups` says which can be stacked.
        images: the training images, 0 to 255: a tensor, or rows that are read when asked for.
        factors: of these images, for objectives that learn from pairs or triplets.
        checkpoint: where to stand in for the training of all of them; None: nowhere.
        visits: one a member, or none.
        device: where the members are trained; they come back to the processor.

    Raises:
        ToolkitError: the members cannot be stacked; or as `fit`.
    """
    if len(groups(settings)) != 1:
        raise ToolkitError(
            "these members differ in more than seed, learning rate and weights of their loss. "
            "Train each of the groups that `groups` finds by itself."
        )
    for one in settings:
        check_images(one, images)
    run = _Run(settings, images, factors=factors, device=torch.device(device))
    run.resume(checkpoint)
    for step in range(run.start, settings[0].steps):
        yield from run.update(step)
        run.visit(visits, step + 1)
        if checkpoint is not None and (step + 1) % checkpoint.every == 0:
            run.save(checkpoint, step + 1)
    return run.outcomes()


class _Run:
    """A stack on its way."""

    def __init__(
        self,
        settings: Sequence[MemberSettings],
        images: UInt8[Tensor, "n c h w"] | ImageRows,
        *,
        factors: KnownFactors | None,
        device: torch.device,
    ) -> None:
        self._settings = settings
        partners = [
            partners_for(one.objective, factors, latents=one.network.latents) for one in settings
        ]
        trainees = [TrainingState(one, dataset_size=len(images)) for one in settings]
        self._stack = Stack(trainees, device=device)
        self._curves = [Curve(one.steps) for one in settings]
        there = images.to(device) if isinstance(images, Tensor) else images
        self._first, self._second = (
            StackedBatches(
                [
                    batches_for(one, images, purpose, with_)
                    for one, with_ in zip(settings, partners, strict=True)
                ],
                there,
                dtype=settings[0].dtype,
                device=device,
            )
            for purpose in ("order", "second order")
        )
        self._ended: dict[int, tuple[int, float]] = {}
        self.start = 0

    def resume(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is not None and checkpoint.path.exists():
            self.start, self._ended = load_stack(checkpoint.path, self._stack, self._curves)

    def save(self, checkpoint: Checkpoint, step: int) -> None:
        save_stack(checkpoint.path, self._stack, self._curves, step=step, ended=self._ended)

    def update(self, step: int) -> Generator[tuple[int, StepReport], None, None]:
        adversarial = self._stack.adversary_optimiser is not None
        second = self._second.at(step) if adversarial else None
        terms = self._stack.update(self._first.at(step), second, step=step)
        yield from self._take_in(step + 1, terms)

    def _take_in(self, step: int, terms: Terms) -> Generator[tuple[int, StepReport], None, None]:
        told = torch.stack([terms[name] for name in terms]).cpu()  # one transfer a step
        for row, settings in enumerate(self._settings):
            if row in self._ended:
                continue
            own = {name: told[place, row : row + 1] for place, name in enumerate(terms)}
            loss = own["loss"].item()
            if not math.isfinite(loss):
                self._ended[row] = (step, loss)
                continue
            self._curves[row].add(step, own)
            yield row, StepReport(step=step, steps=settings.steps, loss=loss)

    def visit(self, visits: Sequence[Snapshot], step: int) -> None:
        for row, visit in enumerate(visits):
            if step in visit.steps and row not in self._ended:
                visit.call(step, self._stack.model(row).eval())

    def outcomes(self) -> list[Outcome]:
        self._stack.unstack()
        return [
            DivergedError(*self._ended[row])
            if row in self._ended
            else Fitted(
                model=trainee.model.eval(),
                adversary=trainee.adversary,
                curve=self._curves[row].table(),
            )
            for row, trainee in enumerate(self._stack.trainees)
        ]
