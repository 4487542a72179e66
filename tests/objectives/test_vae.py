"""The two rows without a weight: VAE and AE."""

import torch

from tests.objectives import golden
from toolkit.objectives import AE, VAE, BetaVAE, BottleneckSpec, Decay


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


def test_an_autoencoder_minimises_the_distortion_alone() -> None:
    terms = golden.terms(AE(noise=0.1), golden.outputs(), step=0)
    assert torch.equal(terms["loss"], terms["distortion"])
    assert AE(noise=0.1).weights(0) == {}


def test_an_autoencoders_code_is_a_point_with_a_declared_noise() -> None:
    assert AE(noise=0.25).bottleneck() == BottleneckSpec(kind="deterministic", noise=0.25)
    assert AE(noise=0.1).decay() is None
    assert AE(noise=0.1, weight_decay=0.001).decay() == Decay(weight=0.001, clip=None)
