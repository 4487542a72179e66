import pytest
import torch
from torch.distributions import Bernoulli

from tests.objectives import golden
from toolkit.objectives import LIKELIHOODS, Blurred, bernoulli


@pytest.mark.parametrize("kind", ["bin", "gray", "rgb"])
def test_bernoulli_is_that_of_two_published_systems(kind: str) -> None:
    given = golden.arrays()
    ours = bernoulli(given[f"logits_{kind}"], given[f"x_{kind}"])
    theirs = golden.arrays("losses_dlib_tf")[f"bernoulli_logits_{kind}"]
    assert ours.tolist() == pytest.approx(theirs.tolist(), abs=1e-8, rel=1e-7)
    mean = golden.values()["reconstruction"][f"{kind}_bernoulli"]
    assert ours.mean().item() == pytest.approx(mean, **golden.TOLERANCE)


def test_bernoulli_is_minus_the_logarithm_of_a_probability() -> None:
    given = golden.arrays()
    logits, images = given["logits_bin"], given["x_bin"]
    by_hand = -Bernoulli(logits=logits).log_prob(images).flatten(1).sum(dim=1)
    assert bernoulli(logits, images).tolist() == pytest.approx(by_hand.tolist(), rel=1e-12)


def test_sure_and_wrong_pixels_cost_their_logit_and_stay_finite() -> None:
    logits = torch.tensor([1000.0, -1000.0]).reshape(1, 1, 1, 2)
    wrong = torch.tensor([0.0, 1.0]).reshape(1, 1, 1, 2)
    assert bernoulli(logits, wrong).tolist() == [2000.0]
    assert bernoulli(logits, 1 - wrong).tolist() == [0.0]


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_p07_every_distortion_is_a_sum_over_pixels_and_colours_of_one_image(name: str) -> None:
    given = golden.arrays()
    logits, images = given["logits_rgb"], given["x_rgb"]
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
