"""Training one member: a generator of moments that knows no logger and no progress bar."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

import pandas as pd
from jaxtyping import UInt8
from torch import Tensor, nn

from toolkit.errors import ToolkitError
from toolkit.networks import Autoencoder
from toolkit.training.batches import Batches, ImageRows
from toolkit.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from toolkit.training.curve import Curve
from toolkit.training.settings import MemberSettings
from toolkit.training.training_state import TrainingState
from toolkit.training.views import KnownFactors, Partners, partners_for


class DivergedError(ToolkitError):
    """The loss of a member is no longer a finite number."""

    def __init__(self, step: int, loss: float) -> None:
        super().__init__(f"the loss became {loss} at step {step}. Lower `learning_rate`.")
        self.step = step


@dataclass(frozen=True, kw_only=True)
class StepReport:
    """Where a training stands: updates done, updates in all, loss of the last one in nats."""

    step: int
    steps: int
    loss: float


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What a training leaves: the member, what its loss consulted, and its curve."""

    model: Autoencoder
    adversary: nn.Module | None
    curve: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Steps at which somebody wants to see the member; `call` gets the step and the member.

    A visited step may be visited again, with the same member, when a training is resumed.
    """

    steps: frozenset[int]
    call: Callable[[int, Autoencoder], None]


def fit(
    settings: MemberSettings,
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    *,
    factors: KnownFactors | None = None,
    checkpoint: Checkpoint | None = None,
    visit: Snapshot | None = None,
) -> Generator[StepReport, None, Fitted]:
    """Train a member, yielding a moment an update; go on from its checkpoint if there is one.

    Arguments:
        settings: everything that decides the member.
        images: the training images, 0 to 255: a tensor, or rows that are read when asked for.
        factors: of these images, for objectives that learn from pairs or triplets.
        checkpoint: where to stand in for the training; None: nowhere.
        visit: who wants to see the member at which steps; None: nobody.

    It runs on as many threads as PyTorch has, and the last bits depend on their number: what goes
    into an ensemble is run by `toolkit.execution`, always with one.

    Raises:
        DivergedError: the loss is not finite.
        ToolkitError: the images are not those of the settings; the checkpoint belongs to another
            member, or is damaged; pairs are asked for and the factors are not known.
    """
    check_images(settings, images)
    partners = partners_for(settings.objective, factors, latents=settings.network.latents)
    trainee, curve, start = (
        TrainingState(settings, dataset_size=len(images)),
        Curve(settings.steps),
        0,
    )
    if checkpoint is not None and checkpoint.path.exists():
        start = load_checkpoint(checkpoint.path, trainee, curve)
    first, second = (
        batches_for(settings, images, purpose, partners) for purpose in ("order", "second order")
    )
    for step in range(start, settings.steps):
        other = None if trainee.adversary is None else second.at(step)
        terms = trainee.update(first.at(step), other, step=step)
        loss = terms["loss"].mean()
        if not loss.isfinite():
            raise DivergedError(step + 1, loss.item())
        curve.add(step + 1, terms)
        if visit is not None and step + 1 in visit.steps:
            trainee.model.eval()
            visit.call(step + 1, trainee.model)
            trainee.model.train()
        if checkpoint is not None and (step + 1) % checkpoint.every == 0:
            save_checkpoint(checkpoint.path, trainee, curve, step=step + 1)
        yield StepReport(step=step + 1, steps=settings.steps, loss=loss.item())
    trainee.model.eval()
    return Fitted(model=trainee.model, adversary=trainee.adversary, curve=curve.table())


def check_images(settings: MemberSettings, images: UInt8[Tensor, "n c h w"] | ImageRows) -> None:
    """Refuse images that are not those of the settings."""
    if len(images) == 0 or tuple(images.shape[1:]) != settings.image_shape:
        raise ToolkitError(
            f"training images are {tuple(images.shape)} but the settings say "
            f"(n, {', '.join(map(str, settings.image_shape))}) with n of at least 1. "
            "Give the images that the settings were made for."
        )


def batches_for(
    settings: MemberSettings,
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    purpose: str,
    partners: Partners | None,
) -> Batches:
    """What the updates of a member see."""
    return Batches(
        images,
        size=settings.batch_size,
        seed=settings.seed,
        purpose=purpose,
        dtype=settings.dtype,
        partners=partners,
    )
