"""Every row of the table, with what it must be given, and an outputs that all of them can read."""

from dataclasses import replace

import torch

from tests.objectives import golden
from toolkit.objectives import OBJECTIVES, Objective, Outputs

REQUIRED = {name: {"noise": 0.1} for name in ("ada_ae", "ada_tae", "ae", "bio_ae", "tae")}


def row(name: str) -> Objective:
    """A row with its defaults."""
    return OBJECTIVES[name](**REQUIRED.get(name, {}))


def whole_outputs(objective: Objective, *, count: int = 24) -> Outputs:
    """The golden outputs, with images, code book and draws for objectives that ask for them."""
    outputs = golden.outputs(rows=slice(count))
    generator = torch.Generator().manual_seed(0)
    draws = objective.random_inputs(count, 6, generator=generator, dtype=torch.float64)
    codes = objective.bottleneck()
    if codes.kind in ("quantised", "vectors"):
        width = codes.width
        encoder_output = torch.randn(count, 6 * width, generator=generator, dtype=torch.float64)
        book = torch.linspace(-1, 1, codes.values, dtype=torch.float64)
        nearest = book[(encoder_output[..., None] - book).abs().argmin(dim=2)]
        outputs = replace(outputs, encoder_output=encoder_output, quantised=nearest)
    images = golden.arrays()["x_bin"][:count] if objective.sees_images else None
    return replace(outputs, random_inputs=draws, images=images)
