import pytest
import torch

from tests.objectives import golden
from toolkit.objectives import VAE, BetaVAE

CASES = [
    case for case in golden.values()["betaH"] if not case["is_train"] or not case["steps_anneal"]
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_loss_is_that_of_a_published_system(case: dict[str, float]) -> None:
    terms = golden.terms(
        BetaVAE(beta=float(case["beta"])), golden.outputs(), step=int(case["step"]), adversary=None
    )
    assert terms["loss"].mean().item() == pytest.approx(case["loss"], **golden.TOLERANCE)


def test_the_weighted_rate_is_that_of_a_second_published_system() -> None:
    terms = golden.terms(BetaVAE(beta=4.0), golden.outputs(), step=None, adversary=None)
    theirs = golden.values("losses_dlib_tf")["beta_vae_regularizer_beta4"]
    ours = (terms["loss"] - terms["distortion"]).mean().item()
    assert ours == pytest.approx(theirs, abs=1e-8, rel=1e-7)


def test_p08_nothing_is_annealed_behind_the_back_of_the_user() -> None:
    annealed = [
        case
        for case in golden.values()["betaH"]
        if case["is_train"] and case["step"] < case["steps_anneal"]
    ]
    assert annealed
    for case in annealed:
        objective = BetaVAE(beta=float(case["beta"]))
        first, late = (
            golden.terms(objective, golden.outputs(), step=step, adversary=None)["loss"]
            for step in (0, 10**6)
        )
        assert torch.equal(first, late)
        assert first.mean().item() > case["loss"] + 0.1


def test_no_adversary_is_asked_for() -> None:
    assert BetaVAE().adversary() is None


def test_a_vae_is_a_beta_vae_of_beta_one() -> None:
    for step in (0, 5, None):
        plain, beta = (
            golden.terms(objective, golden.outputs(), step=step)
            for objective in (VAE(), BetaVAE(beta=1.0))
        )
        assert plain.keys() == beta.keys()
        assert all(torch.equal(plain[name], beta[name]) for name in plain)
    assert VAE().weights(None) == {}


def test_p08_a_vae_anneals_nothing() -> None:
    first, late = (
        golden.terms(VAE(), golden.outputs(), step=step)["loss"] for step in (0, 100_000)
    )
    assert torch.equal(first, late)
