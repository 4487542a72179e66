"""Small members that train in a blink, and work on them that worker processes can import."""

from collections.abc import Generator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from toolkit.files import digest_of_arrays
from toolkit.networks import Burgess
from toolkit.objectives import AnnealedVAE, Bernoulli, BetaVAE, FactorVAE, Objective
from toolkit.training import Checkpoint, Fitted, MemberSettings, StepReport, fit

OBJECTIVES: dict[str, Objective] = {
    "annealed_vae": AnnealedVAE(gamma=10.0, capacity=3.0, capacity_steps=20),
    "beta_vae": BetaVAE(beta=2.0),
    "factor_vae": FactorVAE(gamma=3.0, discriminator_width=16, discriminator_layers=2),
}


@cache
def halves(count: int = 50) -> Tensor:
    """Images (count, 1, 32, 32), white on the left, right, upper or lower half."""
    patterns = torch.zeros(4, 1, 32, 32, dtype=torch.uint8)
    patterns[0, :, :, :16] = 255
    patterns[1, :, :, 16:] = 255
    patterns[2, :, :16] = 255
    patterns[3, :, 16:] = 255
    generator = torch.Generator().manual_seed(count)
    grey = torch.randint(0, 20, (count, 1, 32, 32), generator=generator, dtype=torch.uint8)
    chosen = patterns[torch.randint(0, 4, (count,), generator=generator)]
    return torch.maximum(chosen - chosen.minimum(grey), grey)


def settings(name: str = "beta_vae", /, **changed: Any) -> MemberSettings:  # noqa: ANN401
    """A member of two or three channels that sees eight images an update."""
    return replace(
        MemberSettings(
            data=digest_of_arrays(halves()),
            image_shape=(1, 32, 32),
            network=Burgess(latents=3),
            objective=OBJECTIVES[name],
            likelihood=Bernoulli(),
            learning_rate=1e-3,
            steps=20,
            batch_size=8,
            precision="float32",
            seed=1,
        ),
        **changed,
    )


def run(training: Generator[StepReport, None, Fitted]) -> Fitted:
    """To the end of a training."""
    while True:
        try:
            next(training)
        except StopIteration as end:
            fitted: Fitted = end.value
            return fitted


def numbers(fitted: Fitted) -> dict[str, np.ndarray]:
    """All that a training leaves, to be compared bit by bit."""
    parts = {name: value.numpy() for name, value in fitted.model.state_dict().items()}
    if fitted.adversary is not None:
        adversary = fitted.adversary.state_dict()
        parts |= {f"adversary.{name}": value.numpy() for name, value in adversary.items()}
    return parts | {f"curve.{name}": fitted.curve[name].to_numpy() for name in fitted.curve}


def differing(first: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> list[str]:
    """Names of the parts that are not bit-equal; the same parts in the same order, or all."""
    if list(first) != list(other):
        return [*first, *other]
    return [name for name in first if first[name].tobytes() != other[name].tobytes()]


def train(chosen: MemberSettings) -> Generator[StepReport, None, dict[str, np.ndarray]]:
    """Work for `toolkit.execution`."""
    fitted = yield from fit(chosen, halves())
    return numbers(fitted)


def train_and_tell(chosen: MemberSettings, path: Path, every: int, sender: Any) -> None:  # noqa: ANN401
    """Train with a checkpoint, telling every step and in the end the numbers."""
    torch.set_num_threads(1)
    training = fit(chosen, halves(), checkpoint=Checkpoint(path=path, every=every))
    while True:
        try:
            sender.send(next(training).step)
        except StopIteration as end:
            sender.send(numbers(end.value))
            return
