"""kill -9 at thirty random moments, under every strategy: the end is the undisturbed one."""

import os
import random
import signal
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.examples import differing, halves, numbers, settings
from toolkit.networks import TanhMLP
from toolkit.objectives import BetaVAE
from toolkit.training import Checkpoint, MemberSettings, train

KILLS = 30
STEPS = 240
Numbers = list[dict[str, np.ndarray]]


def members() -> list[MemberSettings]:
    """Three members, quick to train and with weights of their own."""
    first = settings(steps=STEPS, network=TanhMLP(latents=2))
    return [
        replace(first, seed=seed, objective=BetaVAE(beta=beta))
        for seed, beta in ((1, 1.0), (2, 4.0), (3, 4.0))
    ]


def kept_in(folder: Path, key: str) -> Checkpoint:
    """A file a member or stack."""
    return Checkpoint(path=folder / key[:16], every=4)


def ended(training: Generator[Any, None, Any], sender: Any = None) -> Numbers:  # noqa: ANN401
    """To the end, telling of every update."""
    while True:
        try:
            next(training)
            if sender is not None:
                sender.send(None)
        except StopIteration as end:
            return [numbers(first) for first in end.value]


def train_and_tell(strategy: str, folder: Path, sender: Any) -> None:  # noqa: ANN401
    torch.set_num_threads(1)
    keep = partial(kept_in, folder)
    training = train(members(), halves(), strategy=strategy, device="cpu", checkpoint=keep)
    sender.send(ended(training, sender))


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["loop", "processes", "fused"])
def test_killed_at_thirty_random_moments_members_end_as_undisturbed_ones(
    context: ForkServerContext, tmp_path: Path, strategy: str
) -> None:
    torch.set_num_threads(1)
    undisturbed = ended(train(members(), halves(), strategy=strategy, device="cpu"))
    chance = random.Random(0)
    for kill in range(KILLS + 1):
        here, there = context.Pipe()
        process = context.Process(target=train_and_tell, args=(strategy, tmp_path, there))
        process.start()
        there.close()
        received, left = None, chance.randint(1, 30) if kill < KILLS else None
        while received is None and left != 0:
            assert here.poll(120)
            received = here.recv()
            left = None if left is None else left - 1
        if kill < KILLS:
            assert received is None, "the training ended before it was killed often enough"
            process.join(chance.random() / 50)
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert received is not None
    for first, other in zip(undisturbed, received, strict=True):
        assert differing(first, other) == []
