from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence
from torch.func import vmap

from tests.objectives import golden
from toolkit.errors import ToolkitError
from toolkit.objectives import GVAE, MLVAE, AdaAE, AdaGVAE, AdaMLVAE, Objective
from toolkit.objectives.weak_supervision.sharing import (
    Posterior,
    difference,
    mean_of_deviations,
    mean_of_precisions,
    mean_of_variances,
    share,
    shared_channels,
)

MODES = ("kl", "symmetric_kl", "dist")
ADAPTIVE: dict[str, Objective] = {"gvae": AdaGVAE(), "mlvae": AdaMLVAE()}
LABELLED: dict[str, Objective] = {"gvae": GVAE(), "mlvae": MLVAE()}


def pair() -> tuple[Posterior, Posterior]:
    expected = golden.arrays()
    return Posterior(expected["mu"], expected["logvar"]), Posterior(
        expected["mu2"], expected["logvar2"]
    )


def close(ours: Tensor, name: str, *, source: str = "losses_torch") -> None:
    loose = source != "losses_torch"
    theirs = golden.arrays(source)[name]
    torch.testing.assert_close(
        ours, theirs, atol=1e-8 if loose else 1e-9, rtol=1e-7 if loose else 1e-8
    )


def in_published_direction(mode: str) -> tuple[Posterior, Posterior]:
    """disent has the divergence of the second from the first, and the paper the other one."""
    first, other = pair()
    return (other, first) if mode == "kl" else (first, other)


@pytest.mark.parametrize("mode", MODES)
def test_differences_and_shared_channels_are_those_of_a_published_system(mode: str) -> None:
    found = difference(*in_published_direction(mode), by=mode)
    close(found, f"ada_delta_{mode}")
    for ratio in (0.5, 0.3):
        shared = shared_channels(found, ratio=ratio)
        assert torch.equal(shared, golden.arrays()[f"ada_mask_{mode}_r{ratio}"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "average"),
    [
        ("gvae", mean_of_variances),
        ("ml-vae", mean_of_precisions),
        ("gvae_std", mean_of_deviations),
    ],
)
def test_shared_posteriors_are_those_of_a_published_system(
    mode: str, name: str, average: object
) -> None:
    first, other = pair()
    shared = shared_channels(difference(*in_published_direction(mode), by=mode), ratio=0.5)
    for side, found in enumerate(share(first, other, shared, average=average)):
        close(found.mean, f"ada_{mode}_{name}_mean{side}")
        close((found.log_variance / 2).exp(), f"ada_{mode}_{name}_std{side}")


@pytest.mark.parametrize("threshold", MODES)
def test_shared_codes_of_points_are_those_of_a_published_system(threshold: str) -> None:
    """However points are compared: their divergences grow with their distance."""
    points = torch.cat([posterior.mean for posterior in pair()])
    noise = torch.full_like(points, -4.0)
    codes, same = AdaAE(noise=0.1, threshold=threshold, ratio=0.5).share_posteriors(
        points, noise, changed=None
    )
    torch.testing.assert_close(same, noise)
    if threshold == "dist":
        for side, found in enumerate(codes.chunk(2)):
            close(found, f"ada_ae_z{side}")
    first, other = points.chunk(2)
    apart = (first - other).abs() if threshold == "dist" else (first - other).square()
    assert torch.equal(codes[:24] == codes[24:], shared_channels(apart, ratio=0.5))


def test_the_loss_of_points_is_their_distortion_and_the_rate_that_of_the_noise() -> None:
    outputs = golden.outputs()
    objective = AdaAE(noise=0.1)
    terms = golden.terms(objective, outputs, step=0)
    assert objective.weights(0) == {}
    assert torch.equal(terms["loss"], outputs.distortion)
    normal = Normal(outputs.mean, (outputs.log_variance / 2).exp())
    unit = Normal(torch.zeros(()).double(), torch.ones(()).double())
    assert torch.allclose(terms["rate"], kl_divergence(normal, unit).sum(dim=1))


def test_the_divergence_is_that_of_a_second_published_system_and_of_the_paper() -> None:
    first, other = pair()
    found = difference(first, other, by="kl")
    close(2 * found, "weak_kl_per_point", source="losses_dlib_tf")
    normal = [
        Normal(posterior.mean, (posterior.log_variance / 2).exp()) for posterior in (first, other)
    ]
    assert torch.allclose(found, kl_divergence(*normal), rtol=1e-10, atol=1e-12)
    shared = shared_channels(found, ratio=0.5)
    assert torch.equal(~shared, golden.arrays("losses_dlib_tf")["weak_bins"].bool())


@pytest.mark.parametrize("kind", ["argmax", "labels"])
@pytest.mark.parametrize("name", ["gvae", "mlvae"])
def test_joined_posteriors_are_those_of_a_second_published_system(name: str, kind: str) -> None:
    objective = (ADAPTIVE if kind == "argmax" else LABELLED)[name]
    first, other = pair()
    mean, log_variance = objective.share_posteriors(
        torch.cat([first.mean, other.mean]),
        torch.cat([first.log_variance, other.log_variance]),
        changed=golden.arrays("losses_dlib_tf")["weak_labels"],
    )
    for side in (0, 1):
        stem = f"weak_{name}_{kind}"
        close(mean.chunk(2)[side], f"{stem}_mean{side}", source="losses_dlib_tf")
        close(log_variance.chunk(2)[side], f"{stem}_logvar{side}", source="losses_dlib_tf")


def test_the_average_of_precisions_is_the_product_of_posteriors_with_twice_its_variance() -> None:
    first, other = pair()
    precisions = [(-posterior.log_variance).exp() for posterior in (first, other)]
    product = 1 / (precisions[0] + precisions[1])
    found = mean_of_precisions(first, other)
    assert torch.allclose(found.log_variance.exp(), 2 * product)
    weighted = first.mean * precisions[0] + other.mean * precisions[1]
    assert torch.allclose(found.mean, weighted * product)


def test_averages_of_extreme_posteriors_stay_finite() -> None:
    sharp = Posterior(torch.full((1, 1), 3.0), torch.full((1, 1), -200.0))
    blunt = Posterior(torch.full((1, 1), -3.0), torch.full((1, 1), 200.0))
    assert mean_of_precisions(sharp, blunt).mean.item() == 3.0
    assert mean_of_precisions(sharp, blunt).log_variance.item() == pytest.approx(-199.3068528)
    assert mean_of_variances(sharp, blunt).log_variance.item() == pytest.approx(199.3068528)
    assert mean_of_deviations(sharp, blunt).log_variance.item() == pytest.approx(198.6137056)


@pytest.mark.parametrize("average", [mean_of_variances, mean_of_precisions, mean_of_deviations])
def test_sharing_with_an_equal_posterior_changes_nothing(average: object) -> None:
    first, _ = pair()
    for found, arrays in zip(average(first, first), first, strict=True):
        assert torch.allclose(found, arrays, atol=1e-12)


@pytest.mark.parametrize(("ratio", "count"), [(0.0, 0), (1.0, 5)])
def test_the_channel_that_differs_most_is_never_shared(ratio: float, count: int) -> None:
    differences = difference(*pair(), by="symmetric_kl")
    shared = shared_channels(differences, ratio=ratio)
    assert shared.sum(dim=1).tolist() == [count] * 24
    assert not shared[torch.arange(24), differences.argmax(dim=1)].any()


def test_p07_the_loss_of_a_pair_is_the_mean_of_two_sums() -> None:
    outputs = golden.outputs()
    terms = golden.terms(AdaGVAE(beta=3.0), outputs, step=0)
    by_hand = outputs.distortion + 3.0 * terms["rate"]
    assert torch.allclose(terms["loss"], by_hand)
    halves = [part.mean() for part in by_hand.chunk(2)]
    assert terms["loss"].mean().item() == pytest.approx((sum(halves) / 2).item())


@pytest.mark.parametrize("objective", [*ADAPTIVE.values(), AdaGVAE(deviations=True)], ids=str)
def test_adaptive_posteriors_are_vectorised_over_members(objective: Objective) -> None:
    first, other = pair()
    mean = torch.stack([torch.cat([first.mean, other.mean]), torch.cat([other.mean, first.mean])])
    log_variance = torch.stack([torch.cat([first.log_variance, other.log_variance])] * 2)
    stacked = vmap(lambda m, v: objective.share_posteriors(m, v, changed=None))(mean, log_variance)
    for row in range(2):
        alone = objective.share_posteriors(mean[row], log_variance[row], changed=None)
        for ours, theirs in zip(stacked, alone, strict=True):
            assert torch.allclose(ours[row], theirs, rtol=1e-12, atol=1e-12)


def test_labelled_posteriors_are_vectorised_over_members() -> None:
    first, other = pair()
    mean = torch.stack([torch.cat([first.mean, other.mean])] * 2)
    changed = torch.stack([torch.arange(24) % 6, torch.arange(24) % 5])
    stacked, _ = vmap(lambda m, c: GVAE().share_posteriors(m, m, changed=c))(mean, changed)
    for row in range(2):
        alone, _ = GVAE().share_posteriors(mean[row], mean[row], changed=changed[row])
        assert torch.equal(stacked[row], alone)


def test_labels_keep_the_channel_of_the_factor_that_changed_and_share_all_others() -> None:
    mean = torch.tensor([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]])
    zeros = torch.zeros(2, 3)
    found, _ = GVAE().share_posteriors(mean, zeros, changed=torch.tensor([1]))
    assert found.tolist() == [[3.0, 2.0, 5.0], [3.0, 6.0, 5.0]]


def test_labelled_pairs_without_labels_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        MLVAE().share_posteriors(torch.zeros(2, 3), torch.zeros(2, 3), changed=None)
    assert str(caught.value) == (
        "MLVAE needs the factor in which the images of each pair differ. Pass `changed`."
    )


def test_labelled_pairs_differ_in_one_factor_and_adaptive_ones_as_declared() -> None:
    views = GVAE().sampling()
    assert (views.images, views.least, views.most, views.labelled) == (2, 1, 1, True)
    views = AdaMLVAE(least=2, most=3).sampling()
    assert (views.images, views.least, views.most, views.labelled) == (2, 2, 3, False)


def test_members_of_other_thresholds_are_not_the_same_but_for_their_weights() -> None:
    assert AdaGVAE(beta=2.0, ratio=0.3).weights(None) == {"beta": 2.0}


def test_gradients_reach_both_posteriors_and_are_finite() -> None:
    outputs = golden.outputs()
    mean, log_variance = (x.clone().requires_grad_() for x in (outputs.mean, outputs.log_variance))
    joined = AdaMLVAE().share_posteriors(mean, log_variance, changed=None)
    arrays = replace(outputs, mean=joined[0], log_variance=joined[1])
    golden.terms(AdaMLVAE(), arrays, step=0)["loss"].mean().backward()
    for leaf in (mean, log_variance):
        assert leaf.grad is not None
        assert leaf.grad.isfinite().all()
        assert (leaf.grad != 0).any(dim=1).all()
