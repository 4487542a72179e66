import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.objectives import golden
from toolkit.errors import ToolkitError
from toolkit.objectives import InfoVAE, Linear, Outputs
from toolkit.objectives.info_vae import SCALES, Kernel, discrepancy

MMD = golden.values()["mmd"]


def outputs() -> Outputs:
    return replace(golden.outputs(), random_inputs={"prior": golden.arrays()["z_prior"]})


@pytest.mark.parametrize("variance", [1.0, 2.0])
def test_the_discrepancy_is_that_of_disent(variance: float) -> None:
    codes, prior = golden.arrays()["z"], golden.arrays()["z_prior"]
    ours = discrepancy(codes, prior, kernel="rbf", bandwidth=variance**0.5).mean().item()
    assert ours == pytest.approx(MMD[f"disent_rbf_zvar{variance}"], **golden.TOLERANCE)


@pytest.mark.parametrize("kernel", ["rbf", "imq"])
def test_the_loss_and_the_discrepancy_are_those_of_pythae(kernel: Kernel) -> None:
    theirs = MMD[f"pythae_{kernel}"]
    objective = InfoVAE(alpha=theirs["alpha"], lambda_z=theirs["lbd"], kernel=kernel)
    terms = golden.terms(objective, outputs(), step=None)
    assert terms["discrepancy"].mean().item() == pytest.approx(theirs["mmd"], **golden.TOLERANCE)
    penalty = (terms["loss"] - terms["distortion"]).mean().item()
    assert penalty == pytest.approx(theirs["total_with_zero_recon"], **golden.TOLERANCE)


@pytest.mark.parametrize("kernel", ["rbf", "imq"])
def test_the_discrepancy_is_a_sum_over_pairs(kernel: Kernel) -> None:
    first, other = golden.arrays()["z"][:7], golden.arrays()["z_prior"][:7]

    def likeness(left: torch.Tensor, right: torch.Tensor) -> float:
        square, width = (left - right).square().sum().item(), 2 * 6 * 1.5**2
        if kernel == "rbf":
            return math.exp(-square / width)
        return sum(width * scale / (width * scale + square) for scale in SCALES)

    total = 0.0
    for i in range(7):
        for j in range(7):
            if i != j:
                total += (likeness(first[i], first[j]) + likeness(other[i], other[j])) / 42
            total -= 2 * likeness(first[i], other[j]) / 49
    ours = discrepancy(first, other, kernel=kernel, bandwidth=1.5).mean().item()
    assert ours == pytest.approx(total, rel=1e-9)


def test_two_samples_of_one_distribution_differ_by_nothing_in_the_mean() -> None:
    generator = torch.Generator().manual_seed(0)
    found = [
        discrepancy(*torch.randn(2, 30, 2, generator=generator), kernel="rbf", bandwidth=1.0)
        for _ in range(400)
    ]
    values = torch.stack([value.mean() for value in found])
    assert abs(values.mean()) < 4 * values.std() / 20
    moved = torch.randn(2, 30, 2, generator=generator) + torch.tensor([1.0, 0.0])[:, None, None]
    assert discrepancy(*moved, kernel="rbf", bandwidth=1.0).mean() > 4 * values.std()


def test_prior_samples_are_drawn_by_their_generator_alone() -> None:
    objective, before = InfoVAE(), torch.get_rng_state()

    def draw(seed: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return objective.random_inputs(500, 3, generator=generator, dtype=torch.float64)["prior"]

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert draw(1).shape == (500, 3)
    assert draw(1).dtype == torch.float64
    assert draw(1).std().item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("settings", "weight"),
    [
        ({"alpha": 0.0, "lambda_z": 1e-3}, "-0.999"),
        ({"alpha": -0.5, "lambda_z": 1.0}, "-0.5"),
        ({"alpha": 0.5, "lambda_z": Linear(start=0.0, end=9.0, steps=5)}, "-0.5"),
    ],
)
def test_p41_a_negative_weight_of_the_discrepancy_is_refused(
    settings: dict[str, Any], weight: str
) -> None:
    with pytest.raises(ToolkitError) as caught:
        InfoVAE(**settings)
    assert str(caught.value) == (
        f"the weight alpha + lambda_z - 1 of the discrepancy can be {weight}, and below 0 it would "
        "drive codes away from the prior. Raise `lambda_z`."
    )


def test_p41_the_defaults_draw_codes_to_the_prior() -> None:
    weights = InfoVAE().weights(None)
    assert weights["alpha"] + weights["lambda_z"] - 1 == 999.0
    InfoVAE(alpha=0.0, lambda_z=1.0)


def test_a_rewarded_rate_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        InfoVAE(alpha=1.5)
    assert str(caught.value) == (
        "`alpha` can be 1.5, and above 1 the rate would be rewarded. Lower it."
    )


def test_one_code_cannot_be_compared() -> None:
    codes = torch.zeros(1, 2)
    with pytest.raises(ToolkitError) as caught:
        discrepancy(codes, codes, kernel="rbf", bandwidth=1.0)
    assert str(caught.value) == (
        "the discrepancy compares the codes of a batch, and this batch has one. "
        "Set `batch_size` to 2 or more."
    )
