import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.func import grad, vmap

from tests.objectives import golden
from toolkit.errors import ToolkitError
from toolkit.information import channel_information
from toolkit.networks.bottlenecks import Points
from toolkit.objectives import AE, TAE, AdaAE, AdaTAE, BioAE, from_means

WHY = (
    "Its codes have no noise of their own: every image would have a code of its own, and every "
    "channel log2 n bits, whatever it holds. Declare `noise`, the standard deviation "
    "below which two codes count as one."
)


def test_the_loss_is_the_papers_with_sums_in_place_of_means() -> None:
    outputs, pixels = golden.outputs(), 300
    objective = BioAE(
        noise=0.1,
        nonnegative=from_means(1.0, pixels=pixels, numbers=6),
        activity=from_means(0.1, pixels=pixels, numbers=6),
    )
    terms = golden.terms(objective, outputs, step=0)
    codes = outputs.mean
    means = (-codes).relu().mean(dim=1) + 0.1 * codes.square().mean(dim=1)
    by_hand = outputs.distortion / pixels + means
    assert torch.allclose(terms["loss"] / pixels, by_hand, rtol=1e-12)
    assert torch.allclose(terms["negative"], codes.clamp(max=0).abs().sum(dim=1))


def test_defaults_are_the_papers_weights_for_its_images_and_channels() -> None:
    objective = BioAE(noise=0.1)
    pixels = 3 * 64 * 64
    assert objective.nonnegative == from_means(1.0, pixels=pixels, numbers=12)
    assert objective.activity == pytest.approx(from_means(0.1, pixels=pixels, numbers=12))
    assert objective.clip == from_means(1.0, pixels=pixels, numbers=1)
    decay = objective.decay()
    assert (decay.weight, decay.clip) == (1e-4, 12288.0)


@pytest.mark.parametrize("noise", [0.0, -1.0, math.nan])
@pytest.mark.parametrize("kind", [AE, AdaAE, AdaTAE, BioAE, TAE])
def test_a_code_without_noise_is_refused_with_the_reason(
    kind: type[AE] | type[BioAE], noise: float
) -> None:
    with pytest.raises(ToolkitError) as caught:
        kind(noise=noise)
    assert str(caught.value) == f"the `noise` of {kind.__name__} is {noise:g}. {WHY}"
    with pytest.raises(TypeError, match="noise"):
        kind()


def test_the_less_noise_is_declared_the_more_a_channel_tells_whatever_it_holds() -> None:
    """Why it must be declared: without any, pure noise would tell as much as is possible."""
    codes = torch.randn(128, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = []
    for noise in (1.0, 0.1, 1e-6):
        between = Points(1, noise=BioAE(noise=noise).bottleneck().noise)
        posterior = between.posterior(codes)
        found.append(channel_information(posterior.mean, posterior.log_variance).item())
    assert found[0] < found[1] < found[2]
    assert found[2] == pytest.approx(7.0, abs=1e-3)


def test_the_declared_noise_changes_no_loss() -> None:
    fine, coarse = (golden.terms(BioAE(noise=n), golden.outputs(), step=0) for n in (0.01, 1.0))
    assert torch.equal(fine["loss"], coarse["loss"])
    assert BioAE(noise=0.1).weights(None) == {"nonnegative": 1024.0, "activity": 102.4}


def test_the_loss_and_its_gradient_are_vectorised_over_members() -> None:
    objective, outputs = BioAE(noise=0.1), golden.outputs()
    means = torch.stack([outputs.mean, -outputs.mean])
    weights = {name: torch.tensor([1.0, 2.0], dtype=torch.float64) for name in objective.weights(0)}

    def loss(mean: Tensor, member_weights: dict[str, Tensor]) -> Tensor:
        answer = replace(outputs, mean=mean)
        return objective.terms(answer, weights=member_weights, adversary=None)["loss"].mean()

    gradients = vmap(grad(loss))(means, weights)
    for row in range(2):
        leaf = means[row].clone().requires_grad_()
        loss(leaf, {name: value[row] for name, value in weights.items()}).backward()
        assert torch.allclose(gradients[row], leaf.grad)
