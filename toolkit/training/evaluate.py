"""The losses of a trained member over a whole split."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.objectives import Outputs
from toolkit.training.batches import Batch, ImageRows, as_input
from toolkit.training.outcomes import DivergedError, Fitted
from toolkit.training.settings import MemberSettings
from toolkit.training.training_state import forward_pass, random_inputs_for
from toolkit.training.views import KnownFactors, partners_for

PURPOSES = ("evaluation", "evaluation draws")
BATCH = 250  # fixed, because the last bits of a matrix product depend on it


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Means over the images of a split, in nats.

    Arguments:
        terms: `loss`, `distortion`, `rate` and what else the objective names; `dataset_size`, the
            number of images of the split, where the terms depend on it.
        rates: the rate of each channel.
    """

    terms: dict[str, float]
    rates: tuple[float, ...]


@torch.no_grad()
def evaluate(
    fitted: Fitted,
    settings: MemberSettings,
    images: UInt8[Tensor, "n c h w"] | ImageRows,
    *,
    factors: KnownFactors | None = None,
) -> Evaluation:
    """Mean of every part of the loss over all `images`, one code drawn for each of them.

    Where a loss takes a mean over the batch first, as annealed_vae does, the batch is the split;
    where it compares the images of a batch with one another, it is batches of 250.

    Arguments:
        fitted: the trained member.
        settings: what it was made from; its seed draws the samples.
        images: a split, 0 to 255: a tensor, or rows that are read when asked for.
        factors: of these images, for objectives that learn from pairs or triplets.

    Raises:
        ToolkitError: there are no images.
        DivergedError: a loss is not finite.
    """
    if len(images) == 0:
        raise ToolkitError("the held-out split is empty. Raise `held_out` of the data set.")
    objective = settings.objective
    partners = partners_for(objective, factors, latents=settings.network.latents)
    outputs = []
    for position, rows in enumerate(split_batches(len(images))):
        changed = None
        if partners is not None:
            rows, changed = partners.of(rows, seed=settings.seed, step=position)
        random_inputs = random_inputs_for(settings, len(rows), position=position, purposes=PURPOSES)
        batch = Batch(images=as_input(images[rows], settings.dtype), changed=changed)
        outputs.append(
            forward_pass(
                fitted.model,
                batch,
                settings,
                random_inputs=random_inputs,
                dataset_size=len(images),
            )
        )
    # The whole split as one batch: some losses take a mean over images before the last step
    parts = outputs
    if not objective.by_batch and partners is None:
        whole_split = Outputs(
            distortion=torch.cat([part.distortion for part in outputs]),
            mean=torch.cat([part.mean for part in outputs]),
            log_variance=torch.cat([part.log_variance for part in outputs]),
            z=torch.cat([part.z for part in outputs]),
            encoder_output=_joined([part.encoder_output for part in outputs]),
            quantised=_joined([part.quantised for part in outputs]),
            random_inputs={
                name: torch.cat([part.random_inputs[name] for part in outputs])
                for name in outputs[0].random_inputs
            },
            dataset_size=outputs[0].dataset_size,
        )
        parts = [whole_split]
    terms = [
        objective.terms(part, weights=objective.weights(None), adversary=fitted.adversary)
        for part in parts
    ]
    whole = {name: torch.cat([part[name] for part in terms]) for name in terms[0]}
    means = {name: value.double().mean().item() for name, value in whole.items()}
    if not math.isfinite(means["loss"]):
        raise DivergedError.of_loss(settings.steps, means["loss"])
    if objective.uses_dataset_size:
        means["dataset_size"] = float(len(images))
    rates = torch.cat([objective.rates(part.mean, part.log_variance).double() for part in outputs])
    return Evaluation(terms=means, rates=tuple(rates.mean(dim=0).tolist()))


def split_batches(count: int) -> list[Int[Tensor, " b"]]:
    """Rows of a split in batches; no single image beside others: it could be compared with none.

    >>> [len(rows) for rows in split_batches(501)]
    [250, 251]
    """
    batches = list(torch.arange(count).split(BATCH))
    if len(batches) > 1 and len(batches[-1]) == 1:
        batches[-2:] = [torch.cat(batches[-2:])]
    return batches


def _joined(parts: Sequence[Tensor | None]) -> Tensor | None:
    there = [part for part in parts if part is not None]
    return torch.cat(there) if there else None
