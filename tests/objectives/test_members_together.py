"""`terms` under vmap, over members with weights of their own: what training as one stack needs."""

from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor
from torch.func import vmap

from tests.objectives.examples import row, whole_outputs
from toolkit.networks import discriminator
from toolkit.objectives import LIKELIHOODS, OBJECTIVES, Outputs

SHARED = ("dataset_size", "changed", "images", "random_inputs")


def moved(outputs: Outputs, by: float) -> Outputs:
    """The outputs of another member to the same images."""
    return replace(
        outputs,
        distortion=outputs.distortion + by,
        mean=outputs.mean * (1 + by),
        log_variance=outputs.log_variance - by,
        z=outputs.z * (1 - by),
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_two_members_under_vmap_have_the_terms_that_each_has_alone(name: str) -> None:
    objective = row(name)
    answers = [whole_outputs(objective), moved(whole_outputs(objective), 0.125)]
    weights = objective.weights(7)
    member_weights = [weights, {key: value * 1.5 for key, value in weights.items()}]
    network = None
    if (wanted := objective.adversary()) is not None:
        generator = torch.Generator().manual_seed(0)
        network = discriminator(6, width=7, hidden=wanted.layers, generator=generator).double()
    stacked = {
        field.name: torch.stack([getattr(outputs, field.name) for outputs in answers])
        for field in fields(Outputs)
        if field.name not in SHARED and getattr(answers[0], field.name) is not None
    }
    numbers = {
        key: torch.tensor([row_weights[key] for row_weights in member_weights], dtype=torch.float64)
        for key in weights
    }

    def terms(parts: dict[str, Tensor], row_weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return objective.terms(replace(answers[0], **parts), weights=row_weights, adversary=network)

    together = vmap(terms)(stacked, numbers)
    for position, (outputs, row_weights) in enumerate(zip(answers, member_weights, strict=True)):
        alone = objective.terms(outputs, weights=row_weights, adversary=network)
        assert together.keys() == alone.keys()
        for key, value in alone.items():
            assert torch.allclose(together[key][position], value, rtol=1e-10, atol=1e-12), key


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_two_members_under_vmap_have_the_distortion_that_each_has_alone(name: str) -> None:
    likelihood, generator = LIKELIHOODS[name](), torch.Generator().manual_seed(0)
    outputs = torch.randn(2, 3, 1, 8, 8, generator=generator, dtype=torch.float64)
    images = torch.rand(2, 3, 1, 8, 8, generator=generator, dtype=torch.float64)
    together = vmap(likelihood.distortion)(outputs, images)
    for position in range(2):
        alone = likelihood.distortion(outputs[position], images[position])
        assert torch.allclose(together[position], alone, rtol=1e-10)
