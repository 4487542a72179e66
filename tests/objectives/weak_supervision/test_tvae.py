from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.func import grad, vmap

from tests.objectives import golden
from toolkit.objectives import TAE, TVAE, AdaTAE, AdaTVAE, Linear, Objective, Outputs
from toolkit.objectives.weak_supervision.adaptive import adaptive_difference
from toolkit.objectives.weak_supervision.sharing import Posterior
from toolkit.objectives.weak_supervision.triplets import FORMS, Form, triplet_loss

PUBLISHED = {
    "triplet": "margin",
    "triplet_sigmoid": "sigmoid",
    "triplet_soft": "soft",
    "min_clamped_triplet": "min_clamped",
    "split_clamped_triplet": "split_clamped",
}


def differences() -> tuple[Tensor, Tensor]:
    arrays = golden.arrays()
    anchor = arrays["tri_anchor"]
    return anchor - arrays["tri_pos"], anchor - arrays["tri_neg"]


def answer_of(*means: Tensor) -> Outputs:
    outputs = golden.outputs()
    return replace(outputs, mean=torch.cat(means), log_variance=outputs.log_variance[:24])


@pytest.mark.parametrize("case", golden.values()["triplet"], ids=str)
def test_every_form_is_that_of_a_published_system(case: dict[str, object]) -> None:
    near, far = differences()
    costs = triplet_loss(
        near,
        far,
        form=PUBLISHED[case["name"]],
        norm=case["p"],
        margin=case["margin_max"],
        margin_least=case["margin_min"],
    )
    assert costs.shape == (24,)
    assert costs.mean().item() == pytest.approx(case["value"], **golden.TOLERANCE)


def test_no_form_is_left_out() -> None:
    assert {PUBLISHED[case["name"]] for case in golden.values()["triplet"]} == set(FORMS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("distance", [0.0, 1e4, 1e15])
def test_costs_and_gradients_of_far_and_of_equal_codes_are_finite(
    form: str, distance: float
) -> None:
    """log(1 + e^(p - q)) overflows as it is written; |0| has no slope."""
    near = torch.full((1, 3), distance, requires_grad=True)
    far = torch.zeros(1, 3, requires_grad=True)
    cost = triplet_loss(near, far, form=form, norm=2, margin=1.0, margin_least=0.1)
    cost.sum().backward()
    assert cost.isfinite().all()
    for leaf in (near, far):
        assert leaf.grad is not None
        assert leaf.grad.isfinite().all()


def test_the_soft_form_is_a_logarithm_where_that_can_be_computed() -> None:
    near, far = differences()
    by_hand = (1 + (near.norm(dim=1) - far.norm(dim=1)).exp()).log()
    soft = triplet_loss(near, far, form="soft", norm=2, margin=1.0, margin_least=0.0)
    assert torch.allclose(soft, by_hand, rtol=1e-12)


def test_the_loss_is_that_of_a_beta_vae_and_the_cost_of_the_triplet_an_image_is_in() -> None:
    anchor, positive, negative = golden.outputs().mean.chunk(3)
    outputs = golden.outputs()
    objective = TVAE(beta=2.0, scale=5.0, margin=3.0)
    terms = golden.terms(objective, outputs, step=0)
    costs = triplet_loss(
        anchor - positive, anchor - negative, form="margin", norm=2, margin=3.0, margin_least=0.1
    )
    assert torch.equal(terms["triplet"], torch.cat([costs] * 3))
    by_hand = (outputs.distortion + 2.0 * terms["rate"]).mean() + 5.0 * costs.mean()
    assert terms["loss"].mean().item() == pytest.approx(by_hand.item(), rel=1e-12)


@pytest.mark.parametrize(
    ("points", "posteriors"),
    [
        (TAE(noise=0.1, margin=3.0), TVAE(beta=0.0, margin=3.0)),
        (AdaTAE(noise=0.1), AdaTVAE(beta=0.0)),
    ],
    ids=str,
)
def test_points_pay_what_means_pay_and_no_rate(points: Objective, posteriors: Objective) -> None:
    mine, theirs = (
        golden.terms(objective, golden.outputs(), step=0) for objective in (points, posteriors)
    )
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert mine["triplet"].mean() > 0
    assert set(points.weights(0)) == set(posteriors.weights(0)) - {"beta"}


def test_what_is_shared_counts_less_and_what_differs_most_counts_whole() -> None:
    anchor = Posterior(torch.tensor([[4.0, 1.0, -3.0]]), torch.zeros(1, 3))
    origin = Posterior(torch.zeros(1, 3), torch.zeros(1, 3))
    far, share = adaptive_difference(anchor, origin, by="dist", ratio=0.5, share_scale=0.25)
    assert far.tolist() == [[4.0, 0.25, -3.0]]
    assert share.item() == pytest.approx(1 / 3)


@pytest.mark.parametrize("by", ["kl", "symmetric_kl", "dist"])
def test_without_scaling_or_sharing_it_is_a_tvae(by: str) -> None:
    outputs = golden.outputs()
    plain = golden.terms(TVAE(norm=1), outputs, step=0)
    for settings in ({"share_scale": 1.0, "ratio": 0.7}, {"share_scale": 0.1, "ratio": 0.0}):
        adaptive = golden.terms(AdaTVAE(threshold=by, **settings), outputs, step=0)
        assert torch.allclose(adaptive["loss"], plain["loss"], rtol=1e-14)
    shared = golden.terms(AdaTVAE(threshold=by, share_scale=0.5), outputs, step=0)
    assert (shared["triplet"] >= plain["triplet"]).all()
    assert shared["triplet"].mean() > plain["triplet"].mean()
    assert 0 < shared["shared"].mean() < 1


def test_published_schedules_of_share_scale_and_ratio_are_weights_like_others() -> None:
    """adanegtvae_up_all: the share scale falls from 1 to 1/2 while the ratio rises to 1/2."""
    objective = AdaTVAE(
        share_scale=Linear(start=1.0, end=0.5, steps=10), ratio=Linear(end=0.5, steps=10)
    )
    numbers = [objective.weights(step) for step in (0, 5, 10, None)]
    assert [weights["share_scale"] for weights in numbers] == [1.0, 0.75, 0.5, 0.5]
    assert [weights["ratio"] for weights in numbers] == [0.0, 0.25, 0.5, 0.5]
    first, last = (golden.terms(objective, golden.outputs(), step=step) for step in (0, 10))
    assert first["shared"].max() == 0
    assert last["triplet"].mean() > first["triplet"].mean()


@pytest.mark.parametrize("form", ["margin", "sigmoid", "min_clamped", "split_clamped"])
def test_a_margin_may_have_a_schedule(form: Form) -> None:
    scheduled = TVAE(form=form, margin=Linear(start=5.0, end=20.0, steps=10))
    for step, margin in ((0, 5.0), (5, 12.5), (None, 20.0)):
        ours = golden.terms(scheduled, golden.outputs(), step=step)["triplet"]
        plain = golden.terms(TVAE(form=form, margin=margin), golden.outputs(), step=step)
        assert ours.tolist() == plain["triplet"].tolist()


@pytest.mark.parametrize(
    "objective",
    [*(TVAE(form=form) for form in FORMS), AdaTVAE(), AdaTAE(noise=0.1)],
    ids=str,
)
def test_the_loss_and_its_gradient_are_vectorised_over_members(objective: Objective) -> None:
    outputs, number = golden.outputs(), objective.weights(0)
    weights = {name: torch.tensor([value, 2 * value]) for name, value in number.items()}
    means = torch.stack([outputs.mean, outputs.mean.flip(1)])

    def loss(mean: Tensor, member_weights: dict[str, Tensor]) -> Tensor:
        answer = replace(outputs, mean=mean)
        return objective.terms(answer, weights=member_weights, adversary=None)["loss"].mean()

    stacked, gradients = vmap(loss)(means, weights), vmap(grad(loss))(means, weights)
    for row in range(2):
        member_weights = {name: value[row].item() for name, value in weights.items()}
        mean = means[row].clone().requires_grad_()
        alone = loss(mean, member_weights)
        alone.backward()
        assert stacked[row].item() == pytest.approx(alone.item(), rel=1e-6)
        assert torch.allclose(gradients[row], mean.grad, rtol=1e-5, atol=1e-8)


def test_triplets_are_drawn_as_declared() -> None:
    spans = {"least": 2, "most": 2, "negative_least": 3, "negative_most": 4}
    for objective in (TVAE(**spans), AdaTVAE(**spans), TAE(noise=1.0, **spans)):
        views = objective.sampling()
        assert {name: getattr(views, name) for name in spans} == spans
        assert (views.images, views.ordered) == (3, True)
