"""Losses that published systems gave for known inputs."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from toolkit.objectives import Discriminator, Objective, Outputs, Terms, bernoulli

FOLDER = Path(__file__).parents[1] / "golden"
TOLERANCE = {"abs": 1e-9, "rel": 1e-8}


@cache
def arrays(name: str = "losses_torch") -> dict[str, Tensor]:
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return {key: torch.from_numpy(file[key]) for key in file.files}


@cache
def values(name: str = "losses_torch") -> Any:  # noqa: ANN401 - whatever JSON holds
    return json.loads((FOLDER / f"{name}.json").read_text())


def outputs(*, rows: slice = slice(None)) -> Outputs:
    """The binary images, reconstructed, with their posteriors and one code each."""
    stored = arrays()
    return Outputs(
        distortion=bernoulli(stored["logits_bin"][rows], stored["x_bin"][rows]),
        mean=stored["mu"][rows],
        log_variance=stored["logvar"][rows],
        z=stored["z"][rows],
        dataset_size=1000,
    )


def terms(
    objective: Objective,
    outputs: Outputs,
    *,
    step: int | None,
    adversary: Discriminator | None = None,
) -> Terms:
    """The parts of a loss at a step, with the weights in force there."""
    return objective.terms(outputs, weights=objective.weights(step), adversary=adversary)
