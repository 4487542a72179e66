from typing import Any

import pytest
import torch

from tests.objectives import golden
from toolkit.objectives import DIPVAE1, DIPVAE2, Outputs
from toolkit.objectives.dip_vae import covariance

KINDS: dict[str, Any] = {"i": DIPVAE1, "ii": DIPVAE2}
DLIB = [name for name in golden.values("losses_dlib_tf") if name.startswith("dip_")]


@pytest.mark.parametrize("name", DLIB)
def test_both_penalties_are_those_of_disentanglement_lib(name: str) -> None:
    theirs = golden.values("losses_dlib_tf")[name]
    _, kind, off_diagonal, factor = name.split("_")
    weight = float(off_diagonal[3:])
    objective = KINDS[kind](lambda_od=weight, lambda_d=weight * float(factor[3:]))
    terms = golden.terms(objective, golden.outputs(), step=None)
    penalty = (terms["loss"] - terms["distortion"]).mean().item()
    assert penalty == pytest.approx(theirs["regularizer_with_kl"], abs=1e-8, rel=1e-7)
    alone = penalty - terms["rate"].mean().item()
    assert alone == pytest.approx(theirs["dip_only"], abs=1e-8, rel=1e-7)


@pytest.mark.parametrize("case", golden.values()["dip_disent"])
def test_p06_the_penalties_of_disent_and_its_fault_where_that_is_asked_for(case: str) -> None:
    theirs = golden.values()["dip_disent"][case]
    objective = DIPVAE1() if case.startswith("i_") else DIPVAE2(compat="disent")
    terms = golden.terms(objective, golden.outputs(), step=None)
    assert terms["diagonal"][0].item() == pytest.approx(theirs["dip_loss_d"], **golden.TOLERANCE)
    assert terms["off_diagonal"][0].item() == pytest.approx(
        theirs["dip_loss_od"], **golden.TOLERANCE
    )
    if case.startswith("ii_"):
        right = golden.terms(DIPVAE2(), golden.outputs(), step=None)["off_diagonal"][0].item()
        assert right < theirs["dip_loss_od"] / 2


def test_p06_variances_of_posteriors_stand_on_the_diagonal_alone() -> None:
    outputs = golden.outputs()
    whole = DIPVAE2().covariance(outputs) - DIPVAE1().covariance(outputs)
    by_hand = torch.diag_embed(outputs.log_variance.exp().mean(dim=0))
    assert torch.allclose(whole, by_hand)
    assert DIPVAE2().compat == "none"


def test_covariances_are_those_of_published_systems() -> None:
    outputs, arrays = golden.outputs(), golden.arrays()
    dlib = golden.arrays("losses_dlib_tf")["cov_z_mean"]
    assert torch.allclose(DIPVAE1().covariance(outputs), dlib, rtol=1e-7, atol=1e-8)
    for compat, kind in ((DIPVAE1(), "i"), (DIPVAE2(compat="disent"), "ii")):
        theirs = arrays[f"dip_{kind}_cov_disent"]
        assert torch.allclose(compat.covariance(outputs), theirs, rtol=1e-8, atol=1e-9)


def test_the_second_covariance_is_that_of_many_codes() -> None:
    outputs, generator = golden.outputs(), torch.Generator().manual_seed(0)
    noise = torch.randn(4000, 24, 6, generator=generator, dtype=torch.float64)
    codes = (outputs.mean + (outputs.log_variance / 2).exp() * noise).flatten(0, 1)
    assert torch.allclose(covariance(codes), DIPVAE2().covariance(outputs), atol=0.05)
    assert torch.allclose(covariance(codes), torch.cov(codes.T, correction=0), rtol=1e-9)


def test_white_codes_are_not_penalised() -> None:
    corners = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]).double()
    zeros = torch.zeros(4).double()
    half = Outputs(
        distortion=zeros,
        mean=corners * 0.75**0.5,
        log_variance=torch.full((4, 2), 0.25).double().log(),
        z=corners,
        dataset_size=4,
    )
    for objective, diagonal in ((DIPVAE2(), 0.0), (DIPVAE1(), 2 * 0.25**2)):
        terms = golden.terms(objective, half, step=None)
        assert terms["off_diagonal"].tolist() == pytest.approx([0.0] * 4, abs=1e-12)
        assert terms["diagonal"].tolist() == pytest.approx([diagonal] * 4, abs=1e-12)


def test_defaults_are_in_the_proportion_of_the_study() -> None:
    assert DIPVAE1().lambda_d == 10 * DIPVAE1().lambda_od
    assert DIPVAE2().lambda_d == DIPVAE2().lambda_od
