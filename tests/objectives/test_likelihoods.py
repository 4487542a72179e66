import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d
from torch import Tensor
from torch.distributions import Bernoulli, Distribution, Normal

from tests.objectives import golden
from toolkit.errors import ToolkitError
from toolkit.objectives import (
    LIKELIHOODS,
    Blurred,
    ContinuousBernoulli,
    Gaussian,
    Laplace,
    Likelihood,
    bernoulli,
    gaussian_scale,
    nats,
)
from toolkit.objectives.likelihoods.blurred import blur


@pytest.mark.parametrize("kind", ["bin", "gray", "rgb"])
def test_bernoulli_is_that_of_two_published_systems(kind: str) -> None:
    arrays = golden.arrays()
    ours = bernoulli(arrays[f"logits_{kind}"], arrays[f"x_{kind}"])
    theirs = golden.arrays("losses_dlib_tf")[f"bernoulli_logits_{kind}"]
    assert ours.tolist() == pytest.approx(theirs.tolist(), abs=1e-8, rel=1e-7)
    mean = golden.values()["reconstruction"][f"{kind}_bernoulli"]
    assert ours.mean().item() == pytest.approx(mean, **golden.TOLERANCE)


def test_bernoulli_is_minus_the_logarithm_of_a_probability() -> None:
    arrays = golden.arrays()
    logits, images = arrays["logits_bin"], arrays["x_bin"]
    by_hand = -Bernoulli(logits=logits).log_prob(images).flatten(1).sum(dim=1)
    assert bernoulli(logits, images).tolist() == pytest.approx(by_hand.tolist(), rel=1e-12)


def test_sure_and_wrong_pixels_cost_their_logit_and_stay_finite() -> None:
    logits = torch.tensor([1000.0, -1000.0]).reshape(1, 1, 1, 2)
    wrong = torch.tensor([0.0, 1.0]).reshape(1, 1, 1, 2)
    assert bernoulli(logits, wrong).tolist() == [2000.0]
    assert bernoulli(logits, 1 - wrong).tolist() == [0.0]


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_p07_every_distortion_is_a_sum_over_pixels_and_colours_of_one_image(name: str) -> None:
    arrays = golden.arrays()
    logits, images = arrays["logits_rgb"], arrays["x_rgb"]
    likelihood = LIKELIHOODS[name]()
    if isinstance(likelihood, Blurred):
        likelihood = Blurred(radius=0)  # wider kernels reach from one pixel to the next
    once = likelihood.distortion(logits, images)
    assert once.shape == (len(images),)
    twice = likelihood.distortion(logits.repeat(1, 1, 2, 1), images.repeat(1, 1, 2, 1))
    assert twice.tolist() == pytest.approx((2 * once).tolist(), rel=1e-12)
    by_colour = [likelihood.distortion(logits[:, [c]], images[:, [c]]) for c in range(3)]
    assert once.tolist() == pytest.approx(sum(by_colour).tolist(), rel=1e-12)
    alone = likelihood.distortion(logits[3:4], images[3:4])
    assert alone.item() == pytest.approx(once[3].item(), rel=1e-12)


ERRORS = {"gaussian": Gaussian(scale=gaussian_scale(255.0)), "laplace": Laplace(scale=1 / 3)}


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("kind", ["bin", "gray", "rgb"])
def test_p07_errors_of_disvae_are_likelihoods_of_a_scale_up_to_their_constant(
    name: str, kind: str
) -> None:
    arrays, likelihood = golden.arrays(), ERRORS[name]
    images = arrays[f"x_{kind}"]
    theirs = golden.values()["reconstruction"][f"{kind}_{name}"]
    for outputs, link in (
        (arrays[f"logits_{kind}"].sigmoid(), "identity"),
        (None, "sigmoid"),
    ):
        chosen = arrays[f"logits_{kind}"] if outputs is None else outputs
        ours = replace(likelihood, link=link).distortion(chosen, images)
        error = ours - likelihood.constant(images[0].numel())
        assert error.mean().item() == pytest.approx(theirs, **golden.TOLERANCE)


@pytest.mark.parametrize("name", ERRORS)
def test_errors_of_pixels_that_are_black_or_white_are_those_of_disvae(name: str) -> None:
    arrays, likelihood = golden.arrays(), ERRORS[name]
    ours = likelihood.distortion(arrays["probs_extreme"], arrays["x_bin"])
    theirs = golden.values()["reconstruction"][f"extreme_{name}"]
    error = (ours - likelihood.constant(100)).mean().item()
    assert error == pytest.approx(theirs, **golden.TOLERANCE)
    perfect = likelihood.distortion(arrays["x_bin"], arrays["x_bin"])
    assert perfect.tolist() == pytest.approx([likelihood.constant(100)] * 24)
    assert golden.values()["reconstruction"]["perfect_laplace"] == 0.0


def test_probabilities_of_exactly_0_and_1_cost_what_disvae_lets_them_cost() -> None:
    """It bounds logarithms at -100: 100 nats a wrong pixel."""
    arrays = golden.arrays()
    probabilities, images = arrays["probs_extreme"], arrays["x_bin"]
    logits = torch.logit(probabilities).clamp(-100, 100)
    theirs = golden.values()["reconstruction"]["extreme_bernoulli"]
    assert bernoulli(logits, images).mean().item() == pytest.approx(theirs, **golden.TOLERANCE)


@pytest.mark.parametrize("kind", ["bin", "gray", "rgb"])
def test_squared_errors_are_those_of_disentanglement_lib(kind: str) -> None:
    arrays, theirs = golden.arrays(), golden.arrays("losses_dlib_tf")
    likelihood = Gaussian(scale=gaussian_scale(1.0), link="sigmoid")
    constant = likelihood.constant(arrays[f"x_{kind}"][0].numel())
    ours = likelihood.distortion(arrays[f"logits_{kind}"], arrays[f"x_{kind}"]) - constant
    assert ours.tolist() == pytest.approx(theirs[f"l2_logits_{kind}"].tolist(), abs=1e-8, rel=1e-7)


@pytest.mark.parametrize("kind", ["bin", "gray", "rgb"])
def test_what_disentanglement_lib_calls_tanh_is_a_doubled_logit(kind: str) -> None:
    arrays, theirs = golden.arrays(), golden.arrays("losses_dlib_tf")
    images = arrays[f"x_{kind}"]
    probabilities = (arrays[f"logits_{kind}"].tanh() / 2 + 0.5).clamp(1e-6, 1 - 1e-6)
    assert torch.allclose(probabilities, (2 * arrays[f"logits_{kind}"]).sigmoid(), atol=2e-6)
    logits = probabilities.logit()
    ours = bernoulli(logits, images)
    assert ours.tolist() == pytest.approx(
        theirs[f"bernoulli_tanh_{kind}"].tolist(), abs=1e-8, rel=1e-7
    )
    likelihood = Gaussian(scale=gaussian_scale(1.0), link="sigmoid")
    errors = likelihood.distortion(logits, images) - likelihood.constant(images[0].numel())
    assert errors.tolist() == pytest.approx(theirs[f"l2_tanh_{kind}"].tolist(), abs=1e-8, rel=1e-7)


def test_p07_means_over_pixels_are_those_of_qlae() -> None:
    arrays = golden.arrays("losses_qlae")
    logits, images = (arrays[name].permute(0, 3, 1, 2).double() for name in ("bce_logits", "bce_x"))
    theirs = [nats(mean, pixels=3 * 12 * 12) for mean in arrays["bce_mean_per_sample"].tolist()]
    assert bernoulli(logits, images).tolist() == pytest.approx(theirs, abs=2e-6 * 432, rel=2e-5)


@pytest.mark.parametrize(
    ("likelihood", "by_hand"),
    [
        (Gaussian(scale=0.3), lambda outputs: Normal(outputs, 0.3)),
        (Laplace(scale=0.2), lambda outputs: torch.distributions.Laplace(outputs, 0.2)),
        (
            ContinuousBernoulli(),
            lambda outputs: torch.distributions.ContinuousBernoulli(logits=outputs),
        ),
    ],
)
def test_a_distortion_is_minus_the_logarithm_of_a_density(
    likelihood: Likelihood, by_hand: Callable[[Tensor], Distribution]
) -> None:
    arrays = golden.arrays()
    outputs, images = arrays["logits_gray"], arrays["x_gray"]
    density = by_hand(outputs).log_prob(images).flatten(1).sum(dim=1)
    assert likelihood.distortion(outputs, images).tolist() == pytest.approx(
        (-density).tolist(), rel=1e-6
    )


@pytest.mark.parametrize("logit", [0.0, 1e-9, -1e-4, 0.1, 0.299999, 0.300001, -1.0, 5.0, -30.0])
def test_a_continuous_bernoulli_integrates_to_one_and_has_its_mean_near_a_half_too(
    logit: float,
) -> None:
    points = torch.linspace(0, 1, 20_001, dtype=torch.float64)
    outputs = torch.full((len(points), 1, 1, 1), logit, dtype=torch.float64)
    images = points.reshape(-1, 1, 1, 1)
    density = (-ContinuousBernoulli().distortion(outputs, images)).exp()
    assert torch.trapezoid(density, points).item() == pytest.approx(1, abs=1e-6)
    mean = torch.trapezoid(density * points, points).item()
    found = ContinuousBernoulli().expected(outputs[:1]).item()
    assert found == pytest.approx(mean, abs=1e-6)


def test_a_continuous_bernoulli_has_finite_gradients_everywhere() -> None:
    logits = torch.tensor([0.0, 1e-30, 0.3, -0.3, 200.0, -200.0]).reshape(1, 1, 1, 6)
    logits.requires_grad_()
    likelihood = ContinuousBernoulli()
    total = likelihood.distortion(logits, torch.zeros(1, 1, 1, 6)).sum()
    (gradient,) = torch.autograd.grad(total + likelihood.expected(logits).sum(), logits)
    assert gradient.isfinite().all()
    images = likelihood.expected(logits.detach())
    assert ((images >= 0) & (images <= 1)).all()


@pytest.mark.parametrize("size", [(9, 9), (6, 11)])
@pytest.mark.parametrize("kernel", ["box", "gaussian"])
def test_blurring_is_a_convolution_with_a_square_kernel(kernel: str, size: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 3, *size, generator=generator, dtype=torch.float64)
    likelihood = Blurred(kernel=kernel, radius=4)
    square = np.outer(*[likelihood.line(torch.float64).numpy()] * 2)
    assert square.sum() == pytest.approx(1)
    smooth = blur(images, likelihood.line(torch.float64)).numpy()
    for image, colour in np.ndindex(2, 3):
        by_hand = convolve2d(images[image, colour].numpy(), square, mode="same")
        assert smooth[image, colour] == pytest.approx(by_hand, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("error", ["squared", "absolute"])
def test_a_blurred_loss_adds_the_errors_before_and_after_blurring(error: str) -> None:
    arrays = golden.arrays()
    outputs, images = arrays["logits_rgb"], arrays["x_rgb"]
    likelihood = Blurred(
        kernel="gaussian", radius=3, error=error, plain=0.5, blurred=7.0, link="sigmoid"
    )
    line = likelihood.line(torch.float64)
    apart = blur(outputs.sigmoid(), line) - blur(images, line)
    plain = outputs.sigmoid() - images
    power = 2 if error == "squared" else 1
    by_hand = 0.5 * (plain.abs() ** power).flatten(1).sum(1) + 7 * (apart.abs() ** power).flatten(
        1
    ).sum(1)
    ours = likelihood.distortion(outputs, images)
    assert ours.tolist() == pytest.approx(by_hand.tolist(), rel=1e-10)


def test_kernels_are_normalised_as_they_say() -> None:
    box, bell = Blurred(radius=2, normalise="none"), Blurred(kernel="gaussian", normalise="none")
    assert box.line(torch.float64).tolist() == [1.0] * 5
    assert bell.line(torch.float64)[31].item() == pytest.approx(4 / 31 / math.sqrt(2 * math.pi))
    assert bell.line(torch.float64).sum().item() == pytest.approx(1, abs=1e-4)
    for mode in ("sum", "abssum", "possum", "maxsum"):
        assert Blurred(radius=2, normalise=mode).line(torch.float64).tolist() == [0.2] * 5
    with pytest.raises(ToolkitError) as caught:
        Blurred(normalise="negsum")
    assert str(caught.value) == (
        "box and Gaussian kernels have no negative entries, so there is nothing to divide by. "
        "Set `normalise` to sum or none."
    )


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_what_outputs_stand_for_is_an_image_and_the_one_that_costs_least(name: str) -> None:
    likelihood = LIKELIHOODS[name]()
    outputs = torch.linspace(-0.5, 1.5, 41, dtype=torch.float64).reshape(-1, 1, 1, 1)
    images = likelihood.expected(outputs)
    assert ((images >= 0) & (images <= 1)).all()
    assert (images.flatten().diff() >= 0).all()
    whole = likelihood.expected(outputs[15:16])
    cost = likelihood.distortion(outputs, whole.expand(41, 1, 1, 1))
    assert cost.argmin().item() == 15
