import pytest
import torch
from torch.distributions import Normal, kl_divergence

from tests.objectives import golden
from tests.objectives.examples import row, whole_outputs
from toolkit.networks import discriminator
from toolkit.objectives import OBJECTIVES, rate


def test_the_rate_is_that_of_two_published_systems() -> None:
    arrays = golden.arrays()
    rates = rate(arrays["mu"], arrays["logvar"])
    theirs = golden.values()["kl"]
    assert rates.mean(dim=0).tolist() == pytest.approx(theirs["per_dim"], **golden.TOLERANCE)
    total = rates.sum(dim=1).mean().item()
    assert total == pytest.approx(theirs["total"], **golden.TOLERANCE)
    dlib = golden.values("losses_dlib_tf")["gaussian_kl"]
    assert total == pytest.approx(dlib, abs=1e-8, rel=1e-7)


def test_the_rate_is_a_divergence_of_normal_distributions() -> None:
    arrays = golden.arrays()
    posterior = Normal(arrays["mu"], (arrays["logvar"] / 2).exp())
    by_hand = kl_divergence(posterior, Normal(0.0, 1.0))
    assert torch.allclose(rate(arrays["mu"], arrays["logvar"]), by_hand, rtol=1e-12, atol=1e-12)


def test_the_rate_is_a_mean_over_samples() -> None:
    mean, log_variance = torch.tensor([[0.7]]).double(), torch.tensor([[-1.3]]).double()
    posterior = Normal(mean, (log_variance / 2).exp())
    noise = torch.randn(200_000, 1, 1, generator=torch.Generator().manual_seed(0)).double()
    codes = mean + (log_variance / 2).exp() * noise
    bits = posterior.log_prob(codes) - Normal(0.0, 1.0).log_prob(codes)
    error = bits.std() / len(noise) ** 0.5
    assert abs(bits.mean() - rate(mean, log_variance)) < 4 * error


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_gives_one_finite_value_an_image_and_names_its_loss(name: str) -> None:
    objective = row(name)
    outputs = whole_outputs(objective)
    wanted = objective.adversary()
    network = None
    if wanted is not None:
        generator = torch.Generator().manual_seed(0)
        network = discriminator(6, width=7, hidden=wanted.layers, generator=generator).double()
    for step in (0, 10, None):
        terms = golden.terms(objective, outputs, step=step, adversary=network)
        assert {"loss", "distortion", "rate"} <= terms.keys()
        for value in terms.values():
            assert value.shape == (24,)
            assert value.isfinite().all()
        assert torch.equal(terms["distortion"], outputs.distortion)
        rates = objective.rates(outputs.mean, outputs.log_variance)
        assert torch.allclose(terms["rate"], rates.sum(dim=1))
