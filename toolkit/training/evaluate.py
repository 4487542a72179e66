"""The losses of a trained member over a whole split."""

from dataclasses import dataclass

import torch
from jaxtyping import UInt8
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives import rate
from toolkit.training.fit import DivergedError, Fitted
from toolkit.training.settings import MemberSettings
from toolkit.training.streams import stream
from toolkit.training.trainee import respond

BATCH = 250  # fixed, because the last bits of a mean depend on it


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
    fitted: Fitted, settings: MemberSettings, images: UInt8[Tensor, "n c h w"]
) -> Evaluation:
    """Mean of every part of the loss over all `images`, one code drawn for each of them.

    Arguments:
        fitted: the trained member.
        settings: what it was made from; its seed draws the codes.
        images: a split, 0 to 255.

    Raises:
        ToolkitError: there are no images.
        DivergedError: a loss is not finite.
    """
    if len(images) == 0:
        raise ToolkitError("the held-out split is empty. Raise `held_out` of the data set.")
    totals: dict[str, Tensor] = {}
    rates = torch.zeros(settings.network.latents, dtype=torch.float64)
    for position, batch in enumerate(images.split(BATCH)):
        noise = stream(settings.seed, "evaluation", position=position)
        answer = respond(fitted.model, batch.to(settings.dtype) / 255, settings, generator=noise)
        terms = settings.objective.terms(answer, step=None, adversary=fitted.adversary)
        for name, value in terms.items():
            so_far = totals.get(name, torch.zeros((), dtype=torch.float64))
            totals[name] = so_far + value.double().sum()
        rates += rate(answer.mean, answer.log_variance).double().sum(dim=0)
    means = {name: (total / len(images)).item() for name, total in totals.items()}
    if not all(torch.tensor(list(means.values())).isfinite()):
        raise DivergedError(settings.steps, means["loss"])
    return Evaluation(terms=means, rates=tuple((rates / len(images)).tolist()))
