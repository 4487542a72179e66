"""Weak learners of the circle: beta-VAEs with one latent dimension, many trained side by side.

One dimension cannot hold a circle without a cut, and every learner cuts somewhere else: together
they carry more information than any of them.

Murphy, Dillavou & Bassett, "Comparing the information content of probabilistic representation
spaces" (TMLR 2025), https://arxiv.org/abs/2405.21042, section on fusion.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from toolkit.analyses.fusion_so2.draws import draw
from toolkit.analyses.fusion_so2.network import initial_weights, layers, loss_and_gradients
from toolkit.analyses.fusion_so2.settings import CircleSettings, check_settings
from toolkit.execution import Done, Execute

GROUP = 5  # learners in one matrix product: measured best, their weights stay in the cache
REPORT = 50  # steps between two reports


@dataclass(frozen=True, kw_only=True)
class CircleLearners:
    """Posteriors of trained learners at given points.

    Arguments:
        mean: (l, n) of the posterior of each learner at each point.
        log_variance: (l, n) natural logarithm.
        distortion: (l,) squared error averaged over both coordinates and the last step's points.
        rate: (l,) nats, of the same points.
    """

    mean: Float[Tensor, "l n"]
    log_variance: Float[Tensor, "l n"]
    distortion: Float[Tensor, " l"]
    rate: Float[Tensor, " l"]


def train_circle_learners(
    seeds: Sequence[int],
    points: Float[Tensor, "n 2"],
    *,
    settings: CircleSettings,
    execute: Execute,
    progress: Callable[[int, int], None] | None = None,
) -> CircleLearners:
    """Train one learner per seed and encode `points` with it.

    A learner depends on its seed and the settings alone: the others change at most its last bits.

    Arguments:
        seeds: one per learner, all different.
        points: encoded by every learner at the end.
        settings: of all learners.
        execute: `toolkit.execution.serial`, or `processes(workers)`.
        progress: called with learner-steps done and to be done.

    Raises:
        ToolkitError: seeds repeat, or a setting is impossible.

    >>> from toolkit.execution import serial
    >>> few = CircleSettings(steps=3, batch_size=8, hidden=4)
    >>> train_circle_learners([0, 1], torch.eye(5, 2), settings=few, execute=serial).mean.shape
    torch.Size([2, 5])
    """
    check_settings(seeds, settings)
    groups = [list(seeds[start : start + GROUP]) for start in range(0, len(seeds), GROUP)]
    work = partial(_train_group, points=points, settings=settings)
    trained: dict[int, CircleLearners] = {}
    done = 0
    for position, event in execute(work, groups):
        if isinstance(event, Done):
            trained[position] = event.value
        else:
            done += event
            if progress is not None:
                progress(done, len(seeds) * settings.steps)
    ordered = [trained[position] for position in range(len(groups))]
    return CircleLearners(
        mean=torch.cat([group.mean for group in ordered]),
        log_variance=torch.cat([group.log_variance for group in ordered]),
        distortion=torch.cat([group.distortion for group in ordered]),
        rate=torch.cat([group.rate for group in ordered]),
    )


def _train_group(
    seeds: Sequence[int], *, points: Float[Tensor, "n 2"], settings: CircleSettings
) -> Generator[int, None, CircleLearners]:
    """Train stacked learners; yield learner-steps done since the last report."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    weights = initial_weights(generators, settings.hidden)
    adam = torch.optim.Adam(weights, lr=settings.learning_rate, eps=1e-7, fused=True)
    reported = 0
    for step in range(settings.steps):
        angle, noise = draw(generators, settings)
        target = torch.stack([angle.cos(), angle.sin()], dim=2)
        distortion, rate, gradients = loss_and_gradients(weights, target, noise, beta=settings.beta)
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient
        adam.step()
        if (step + 1) % REPORT == 0 or step + 1 == settings.steps:
            yield (step + 1 - reported) * len(seeds)
            reported = step + 1
    shown = points.to(weights[0]).expand(len(seeds), -1, -1)
    mean, log_variance = layers(weights[:6], shown)[-1].unbind(dim=2)
    return CircleLearners(mean=mean, log_variance=log_variance, distortion=distortion, rate=rate)
