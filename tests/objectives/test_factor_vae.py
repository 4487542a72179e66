import math

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Adam

from tests.objectives import golden
from toolkit.errors import ToolkitError
from toolkit.networks import discriminator
from toolkit.objectives import FactorVAE, Outputs, discriminator_loss, permute_latents

GAMMA = 6.4
FIRST, SECOND = slice(None, 12), slice(12, None)


def golden_discriminator() -> nn.Sequential:
    """Six dense layers with the stored weights."""
    network = discriminator(6, width=20, hidden=5, generator=torch.Generator()).double()
    dense = [layer for layer in network if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for number, layer in enumerate(dense, start=1):
            layer.weight.copy_(golden.arrays()[f"disc_lin{number}.weight"])
            layer.bias.copy_(golden.arrays()[f"disc_lin{number}.bias"])
    return network


def golden_permuted() -> Tensor:
    return golden.arrays()["z"][SECOND].gather(0, golden.arrays()["factor_perms"])


@pytest.mark.parametrize("case", ["factorvae_train", "factorvae_eval"])
def test_the_loss_is_that_of_a_published_system(case: str) -> None:
    theirs = golden.values()[case]
    step = 1 if case == "factorvae_train" else None
    terms = golden.terms(
        FactorVAE(gamma=GAMMA),
        golden.outputs(rows=FIRST),
        step=step,
        adversary=golden_discriminator(),
    )
    names = {
        "loss": "loss",
        "recon_loss": "distortion",
        "kl_loss": "rate",
        "tc_loss": "total_correlation",
    }
    for name, ours in names.items():
        assert terms[ours].mean().item() == pytest.approx(theirs[name], **golden.TOLERANCE)


def test_the_logits_and_the_discriminators_loss_are_those_of_published_systems() -> None:
    network, codes, permuted = golden_discriminator(), golden.arrays()["z"], golden_permuted()
    for z, name in ((codes[FIRST], "z_first_half"), (permuted, "perm_second_half")):
        assert torch.allclose(
            network(z), golden.arrays()[f"disc_logits_{name}"], rtol=1e-8, atol=1e-9
        )
    loss = discriminator_loss(network, codes[FIRST], permuted).item()
    assert loss == pytest.approx(
        golden.values()["factorvae_train"]["discrim_loss"], **golden.TOLERANCE
    )
    dlib = golden.values("losses_dlib_tf")["factor_formula_from_logits"]
    assert loss == pytest.approx(-dlib["discriminator_objective_maximised"], abs=1e-8, rel=1e-7)


def test_one_step_of_the_discriminator_is_that_of_a_published_system() -> None:
    network = golden_discriminator()
    optimiser = Adam(network.parameters(), 1e-4, betas=(0.5, 0.9), fused=True)
    discriminator_loss(network, golden.arrays()["z"][FIRST], golden_permuted()).backward()
    optimiser.step()
    dense = [layer for layer in network if isinstance(layer, nn.Linear)]
    for number, layer in enumerate(dense, start=1):
        for part, value in (("weight", layer.weight), ("bias", layer.bias)):
            theirs = golden.arrays()[f"disc_after_lin{number}.{part}"]
            assert torch.allclose(value, theirs, rtol=1e-8, atol=1e-9)


def test_p03_codes_receive_the_gradient_of_the_members_loss_alone() -> None:
    outputs, network = golden.outputs(rows=FIRST), golden_discriminator()
    codes = outputs.z.clone().requires_grad_()
    answer = Outputs(
        distortion=outputs.distortion,
        mean=outputs.mean,
        log_variance=outputs.log_variance,
        z=codes,
        dataset_size=12,
    )
    terms = golden.terms(FactorVAE(gamma=GAMMA), answer, step=1, adversary=network)
    terms["loss"].mean().backward()
    permuted = golden_permuted().requires_grad_()
    discriminator_loss(network, codes, permuted).backward()
    right = golden.arrays()["factor_grad_z1_vae_loss_only"]
    wrong = golden.arrays()["factor_grad_z1_as_coded"]
    assert codes.grad is not None
    assert torch.allclose(codes.grad, right, rtol=1e-8, atol=1e-10)
    assert not torch.allclose(codes.grad, wrong, rtol=1e-3, atol=1e-6)
    assert permuted.grad is None


def test_a_discriminator_that_cannot_tell_sees_no_total_correlation() -> None:
    undecided = nn.Linear(6, 2).double()
    with torch.no_grad():
        undecided.weight.zero_()
        undecided.bias.fill_(0.7)
    outputs = golden.outputs()
    terms = golden.terms(FactorVAE(gamma=1000.0), outputs, step=0, adversary=undecided)
    assert torch.equal(terms["total_correlation"], torch.zeros(24).double())
    assert torch.allclose(terms["loss"], terms["distortion"] + terms["rate"])
    loss = discriminator_loss(undecided, outputs.z, outputs.z).item()
    assert loss == pytest.approx(math.log(2))


def test_the_best_discriminator_sees_the_total_correlation_of_normal_codes() -> None:
    """Its logits' difference is log q(z) / prod q(z_j), whose mean is -log(1 - rho^2) / 2."""
    rho, generator = 0.8, torch.Generator().manual_seed(0)
    noise = torch.randn(100_000, 2, generator=generator, dtype=torch.float64)
    codes = torch.stack(
        [noise[:, 0], rho * noise[:, 0] + math.sqrt(1 - rho**2) * noise[:, 1]], dim=1
    )

    class Best(nn.Module):
        def forward(self, codes: Tensor) -> Tensor:
            covariance = torch.tensor([[1.0, rho], [rho, 1.0]], dtype=torch.float64)
            normal = torch.distributions.MultivariateNormal(
                torch.zeros(2, dtype=torch.float64), covariance
            )
            marginals = torch.distributions.Normal(0.0, 1.0).log_prob(codes).sum(dim=1)
            return torch.stack([normal.log_prob(codes), marginals], dim=1)

    zeros = torch.zeros(len(codes), dtype=torch.float64)
    outputs = Outputs(
        distortion=zeros,
        mean=torch.zeros_like(codes),
        log_variance=codes * 0,
        z=codes,
        dataset_size=len(codes),
    )
    seen = golden.terms(FactorVAE(gamma=1.0), outputs, step=0, adversary=Best())[
        "total_correlation"
    ]
    error = seen.std().item() / math.sqrt(len(seen))
    assert abs(seen.mean().item() + math.log(1 - rho**2) / 2) < 4 * error


def test_p24_a_missing_discriminator_is_a_sentence_and_not_a_way_to_branch() -> None:
    with pytest.raises(ToolkitError) as caught:
        golden.terms(FactorVAE(), golden.outputs(), step=0, adversary=None)
    assert str(caught.value) == "factor_vae needs its discriminator. Pass `adversary`."


@pytest.mark.parametrize("rows", [1, 7])
def test_p24_one_image_and_an_odd_number_of_images_are_batches_too(rows: int) -> None:
    network, outputs = golden_discriminator(), golden.outputs(rows=slice(rows))
    terms = golden.terms(FactorVAE(), outputs, step=0, adversary=network)
    permuted = permute_latents(outputs.z, generator=torch.Generator().manual_seed(0))
    assert terms["loss"].shape == (rows,)
    assert permuted.shape == outputs.z.shape
    assert discriminator_loss(network, outputs.z, permuted).isfinite()


def test_permuted_codes_keep_every_marginal_and_break_what_ties_them() -> None:
    before = torch.get_rng_state()
    line = torch.arange(500.0)[:, None].expand(500, 4)
    permuted = permute_latents(line, generator=torch.Generator().manual_seed(0))
    assert torch.equal(permuted.sort(dim=0).values, line)
    correlation = torch.corrcoef(permuted.T) - torch.eye(4)
    assert correlation.abs().max() < 0.2
    again = permute_latents(line, generator=torch.Generator().manual_seed(0))
    assert torch.equal(permuted, again)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_settings_of_the_discriminator_reach_it() -> None:
    wanted = FactorVAE(
        discriminator_width=9, discriminator_layers=2, discriminator_learning_rate=3e-5
    ).adversary()
    assert (wanted.width, wanted.layers, wanted.learning_rate) == (9, 2, 3e-5)
