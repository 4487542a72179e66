"""The losses of a trained member over a whole split."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import UInt8
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives import Answer, rate
from toolkit.training.batches import ImageRows
from toolkit.training.fit import DivergedError, Fitted
from toolkit.training.settings import MemberSettings
from toolkit.training.streams import stream
from toolkit.training.trainee import respond

BATCH = 250  # fixed, because the last bits of a matrix product depend on it


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Means over the images of a split, in nats.

    Arguments:
        terms: `loss`, `distortion`, `rate` and what else the objective names.
        rates: the rate of each channel.
    """

    terms: dict[str, float]
    rates: tuple[float, ...]


@torch.no_grad()
def evaluate(
    fitted: Fitted, settings: MemberSettings, images: UInt8[Tensor, "n c h w"] | ImageRows
) -> Evaluation:
    """Mean of every part of the loss over all `images`, one code drawn for each of them.

    Where a loss takes a mean over the batch first, as annealed_vae does, the batch is the split.

    Arguments:
        fitted: the trained member.
        settings: what it was made from; its seed draws the codes.
        images: a split, 0 to 255: a tensor, or rows that are read when asked for.

    Raises:
        ToolkitError: there are no images.
        DivergedError: a loss is not finite.
    """
    if len(images) == 0:
        raise ToolkitError("the held-out split is empty. Raise `held_out` of the data set.")
    every = torch.arange(len(images))
    answers = [
        respond(
            fitted.model,
            images[rows].to(settings.dtype) / 255,
            settings,
            generator=stream(settings.seed, "evaluation", position=position),
        )
        for position, rows in enumerate(every.split(BATCH))
    ]
    whole = _together(answers)
    terms = settings.objective.terms(whole, step=None, adversary=fitted.adversary)
    means = {name: value.double().mean().item() for name, value in terms.items()}
    if not math.isfinite(means["loss"]):
        raise DivergedError(settings.steps, means["loss"])
    rates = rate(whole.mean, whole.log_variance).double().mean(dim=0)
    return Evaluation(terms=means, rates=tuple(rates.tolist()))


def _together(answers: Sequence[Answer]) -> Answer:
    """One answer for the whole split: some losses take a mean over images before the last step."""
    return Answer(
        distortion=torch.cat([answer.distortion for answer in answers]),
        mean=torch.cat([answer.mean for answer in answers]),
        log_variance=torch.cat([answer.log_variance for answer in answers]),
        codes=torch.cat([answer.codes for answer in answers]),
    )
