"""P07: what other systems reduce to means, in sums."""

from collections.abc import Callable

import pytest

from tests.objectives import golden
from toolkit.errors import ToolkitError
from toolkit.objectives import (
    DIPVAE1,
    BetaVAE,
    from_means,
    gaussian_scale,
    laplace_scale,
    nats,
    rate,
)


def test_p07_a_mean_rate_of_disent_is_our_rate_over_the_number_of_channels() -> None:
    arrays = golden.arrays()
    theirs = golden.values()["kl_modes_mean"]["direct_reverse"]
    ours = rate(arrays["mu"], arrays["logvar"]).sum(dim=1).mean().item()
    assert ours / 6 == pytest.approx(theirs, **golden.TOLERANCE)


@pytest.mark.parametrize("beta", [0.003, 0.0316, 1.0])
def test_p07_the_whole_mean_reduced_loss_is_ours_over_the_number_of_pixels(beta: float) -> None:
    outputs = golden.outputs()
    mean_distortion = golden.values()["reconstruction"]["bin_bernoulli"] / 100
    theirs = mean_distortion + beta * golden.values()["kl_modes_mean"]["direct_reverse"]
    standard = from_means(beta, pixels=100, numbers=6)
    ours = golden.terms(BetaVAE(beta=standard), outputs, step=None)["loss"].mean().item()
    assert ours == pytest.approx(nats(theirs, pixels=100), **golden.TOLERANCE)


def test_p07_defaults_of_disent_in_the_numbers_of_papers() -> None:
    assert from_means(0.0316, pixels=3 * 64 * 64, numbers=25) == pytest.approx(15.53, abs=0.01)
    assert from_means(0.0316, pixels=64 * 64, numbers=25) == pytest.approx(5.18, abs=0.01)


@pytest.mark.parametrize("case", ["i_ld10.0_lo5.0_b1.0", "i_ld1.0_lo20.0_b2.0"])
def test_p07_a_raw_sum_beside_means_grows_by_the_number_of_pixels(case: str) -> None:
    theirs, factor = golden.values()["dip_disent"][case], float(case[-3:])
    diagonal, off_diagonal = (float(part[2:]) for part in case.split("_")[1:3])
    objective = DIPVAE1(
        lambda_od=from_means(factor * off_diagonal, pixels=100, numbers=1),
        lambda_d=from_means(factor * diagonal, pixels=100, numbers=1),
    )
    terms = golden.terms(objective, golden.outputs(), step=None)
    ours = (terms["loss"] - terms["distortion"] - terms["rate"])[0].item()
    assert ours == pytest.approx(nats(theirs["dip_reg_loss"], pixels=100), **golden.TOLERANCE)


@pytest.mark.parametrize("scale", [gaussian_scale, laplace_scale])
def test_an_error_without_weight_has_no_scale(scale: Callable[[float], float]) -> None:
    with pytest.raises(ToolkitError) as caught:
        scale(0.0)
    assert str(caught.value) == ("the weight of an error is 0.0. Give a finite weight above 0.")
