"""Training one member: a generator of step reports that knows no logger and no progress bar."""

from collections.abc import Generator

from jaxtyping import UInt8
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.training.batches import Batches, ImageRows
from toolkit.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from toolkit.training.curve import Curve
from toolkit.training.outcomes import DivergedError, Fitted, Snapshot, StepReport
from toolkit.training.settings import MemberSettings
from toolkit.training.training_state import TrainingState
from toolkit.training.views import KnownFactors, Partners, partners_for


def fit(
    settings: MemberSettings,
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    *,
    factors: KnownFactors | None = None,
    checkpoint: Checkpoint | None = None,
    snapshot: Snapshot | None = None,
) -> Generator[StepReport, None, Fitted]:
    """Train a member, yielding a report per update; resume from its checkpoint if there is one.

    It runs on as many threads as PyTorch has, and the last bits depend on their number: members of
    an ensemble are trained by `toolkit.execution`, always on one thread.

    Arguments:
        settings: everything that decides the member.
        images: the training images, 0 to 255: a tensor, or rows that are read when asked for.
        factors: of these images, for objectives that learn from pairs or triplets.
        checkpoint: where the training is saved; None: it cannot be resumed.
        snapshot: what is done with the member at some steps; None: nothing.

    Raises:
        DivergedError: the loss is not finite, or `snapshot` found the member diverged.
        ToolkitError: the images are not those of the settings; the checkpoint belongs to another
            member, or is damaged; pairs are asked for and the factors are not known.
    """
    check_images(settings, images)
    partners = partners_for(settings.objective, factors, latents=settings.network.latents)
    state = TrainingState(settings, dataset_size=len(images))
    curve = Curve(settings.steps)
    start = 0
    if checkpoint is not None and checkpoint.path.exists():
        start = load_checkpoint(checkpoint.path, state, curve, snapshot=snapshot)
    first, second = (
        batches_for(settings, images, purpose, partners) for purpose in ("order", "second order")
    )
    for step in range(start, settings.steps):
        other = None if state.adversary is None else second.at(step)
        terms = state.update(first.at(step), other, step=step)
        loss = terms["loss"].mean()
        if not loss.isfinite():
            raise DivergedError.of_loss(step + 1, loss.item())
        curve.add(step + 1, terms)
        if snapshot is not None and step + 1 in snapshot.steps:
            state.model.eval()
            snapshot.take(step + 1, state.model)
            state.model.train()
        if checkpoint is not None and (step + 1) % checkpoint.every == 0:
            save_checkpoint(checkpoint.path, state, curve, step=step + 1)
        yield StepReport(step=step + 1, steps=settings.steps, loss=loss.item())
    state.model.eval()
    return Fitted(model=state.model, adversary=state.adversary, curve=curve.table())


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
    """The batches of every update of a member."""
    return Batches(
        images,
        size=settings.batch_size,
        seed=settings.seed,
        purpose=purpose,
        dtype=settings.dtype,
        partners=partners,
    )
