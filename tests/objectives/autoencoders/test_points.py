import torch

from tests.objectives import golden
from toolkit.objectives import AE, BottleneckSpec, Decay


def test_an_autoencoder_minimises_the_distortion_alone() -> None:
    terms = golden.terms(AE(noise=0.1), golden.outputs(), step=0)
    assert torch.equal(terms["loss"], terms["distortion"])
    assert AE(noise=0.1).weights(0) == {}


def test_an_autoencoders_code_is_a_point_with_a_declared_noise() -> None:
    assert AE(noise=0.25).bottleneck() == BottleneckSpec(kind="deterministic", noise=0.25)
    assert AE(noise=0.1).decay() is None
    assert AE(noise=0.1, weight_decay=0.001).decay() == Decay(weight=0.001, clip=None)
