from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import Tensor
from torch.func import grad, vmap

from tests.objectives import golden
from tests.objectives.examples import whole_outputs
from toolkit.errors import ToolkitError
from toolkit.objectives import AdaTVAE, Outputs, OverlapTVAE
from toolkit.objectives.weak_supervision.mining import in_order, mined, pixel_distances

MINING = (
    "none",
    "semi_hard_negative",
    "hard_negative",
    "hard_positive",
    "easy_positive",
    "random",
)
HEADS, TAILS = torch.tensor(0.0), torch.tensor(0.9)


def labelled_costs(outputs: Outputs, triplets: Tensor, *, margin: float) -> Tensor:
    """What the triplets cost where somebody else has put them together."""
    rows = triplets.T.flatten()
    picked = replace(
        golden.outputs(),
        distortion=outputs.distortion[rows],
        mean=outputs.mean[rows],
        log_variance=outputs.log_variance[rows],
        z=outputs.z[rows],
    )
    return golden.terms(AdaTVAE(margin=margin), picked, step=0)["triplet"].chunk(3)[0]


def chosen(distances: list[list[float]], mining: str, **numbers: object) -> list[int]:
    settings = {"kept": 2, "margin": 0.5, "coin": HEADS, **numbers}
    found = mined(torch.tensor(distances), mining=mining, **settings)
    return found.nonzero().flatten().tolist()


@pytest.mark.parametrize("by", ["squared", "absolute"])
def test_pixels_are_compared_as_written(by: str) -> None:
    images = golden.arrays()["x_rgb"]
    triplets = torch.tensor(list(product((0, 3, 7), (1, 3), (2, 9))))
    found = pixel_distances(images, triplets, by=by)
    for row, (anchor, *others) in zip(found, triplets.tolist(), strict=True):
        for value, other in zip(row, others, strict=True):
            apart = images[anchor] - images[other]
            by_hand = (apart.square() if by == "squared" else apart.abs()).mean()
            assert value.item() == pytest.approx(by_hand.item(), abs=1e-12)


def test_the_nearer_image_is_the_positive() -> None:
    triplets, distances = in_order(
        torch.tensor([[0, 1, 2], [3, 4, 5], [6, 7, 8]]),
        torch.tensor([[0.2, 0.1], [0.1, 0.2], [0.3, 0.3]]),
    )
    assert triplets.tolist() == [[0, 2, 1], [3, 4, 5], [6, 7, 8]]
    assert distances.tolist() == torch.tensor([[0.1, 0.2], [0.1, 0.2], [0.3, 0.3]]).tolist()


DISTANCES = [[0.1, 0.9], [0.4, 0.5], [0.3, 0.7], [0.6, 0.6], [0.2, 0.3]]


@pytest.mark.parametrize(
    ("mining", "numbers", "rows"),
    [
        ("none", {}, [0, 1, 2, 3, 4]),
        ("hard_negative", {}, [1, 4]),
        ("hard_positive", {}, [1, 3]),
        ("easy_positive", {}, [0, 4]),
        ("random", {"coin": HEADS}, [1, 4]),
        ("random", {"coin": TAILS}, [0, 4]),
        ("semi_hard_negative", {"kept": 5}, [1, 2, 4]),
        ("semi_hard_negative", {"kept": 1}, [4]),
        ("semi_hard_negative", {"kept": 5, "margin": 10.0}, [0, 1, 2, 4]),
    ],
)
def test_each_kind_of_mining_keeps_its_own(
    mining: str, numbers: dict[str, object], rows: list[int]
) -> None:
    assert chosen(DISTANCES, mining, **numbers) == rows


def test_p15_semi_hard_negatives_are_bounded_in_units_of_pixels_and_in_number() -> None:
    """Published code compares pixels with the margin of codes, and keeps any number."""
    outputs = whole_outputs(objective := OverlapTVAE(mining="semi_hard_negative", margin=10.0))
    triplets, apart = in_order(
        outputs.random_inputs["triplets"],
        pixel_distances(outputs.images, outputs.random_inputs["triplets"], by="squared"),
    )
    found = {}
    for margin in (0.001, 0.1, 10.0):
        kept = mined(apart, mining="semi_hard_negative", kept=51, margin=margin, coin=HEADS)
        found[margin] = int(kept.sum())
        near, far = apart[kept].T
        assert ((near < far) & (far < near + margin)).all() or found[margin] == len(triplets)
    assert found[0.1] == found[10.0] == 51
    kept = mined(apart, mining="semi_hard_negative", kept=51, margin=0.1, coin=HEADS)
    by_hand = labelled_costs(outputs, triplets[kept], margin=10.0)
    found = golden.terms(objective, outputs, step=0)["triplet"]
    assert torch.allclose(found, by_hand.mean().expand(24), rtol=1e-12)


def test_p15_where_no_triplet_is_eligible_all_count() -> None:
    assert chosen([[0.5, 0.5], [0.2, 0.2]], "semi_hard_negative") == [0, 1]
    blank = whole_outputs(OverlapTVAE(mining="semi_hard_negative"))
    blank = replace(blank, images=torch.zeros_like(blank.images))
    terms = golden.terms(OverlapTVAE(mining="semi_hard_negative"), blank, step=0)
    every = golden.terms(OverlapTVAE(), blank, step=0)
    assert torch.equal(terms["loss"], every["loss"])
    assert terms["loss"].isfinite().all()


def test_triplets_are_drawn_from_the_batch_by_their_generator_alone() -> None:
    objective = OverlapTVAE(triplets=1000)
    first, again, other = (
        objective.random_inputs(
            24, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float32
        )
        for seed in (0, 0, 1)
    )
    assert torch.equal(first["triplets"], again["triplets"])
    assert torch.equal(first["coin"], again["coin"])
    assert not torch.equal(first["triplets"], other["triplets"])
    assert first["triplets"].shape == (1000, 3)
    assert sorted(first["triplets"].unique().tolist()) == list(range(24))
    few = objective.random_inputs(
        2, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float32
    )
    assert few["triplets"].shape == (8, 3)


def test_it_is_the_labelled_loss_of_triplets_that_pixels_order() -> None:
    objective = OverlapTVAE(beta=2.0, scale=3.0, triplets=40)
    outputs = whole_outputs(objective)
    terms = golden.terms(objective, outputs, step=0)
    drawn = outputs.random_inputs["triplets"]
    triplets, _ = in_order(drawn, pixel_distances(outputs.images, drawn, by="squared"))
    labelled = labelled_costs(outputs, triplets, margin=10.0).mean()
    by_hand = outputs.distortion + 2.0 * terms["rate"] + 3.0 * labelled
    assert torch.allclose(terms["loss"], by_hand, rtol=1e-12)
    assert torch.allclose(terms["triplet"], labelled.expand(24), rtol=1e-12)


@pytest.mark.parametrize("mining", MINING)
def test_the_loss_and_its_gradient_are_vectorised_over_members(mining: str) -> None:
    objective = OverlapTVAE(mining=mining, triplets=30)
    answers = [whole_outputs(objective), whole_outputs(objective)]
    draws = objective.random_inputs(
        24, 6, generator=torch.Generator().manual_seed(5), dtype=torch.float64
    )
    answers[1] = replace(answers[1], random_inputs=draws, mean=answers[0].mean.flip(1))
    means = torch.stack([answer.mean for answer in answers])
    images = torch.stack([answer.images for answer in answers])
    drawn = {
        name: torch.stack([answer.random_inputs[name] for answer in answers]) for name in draws
    }
    weights = {
        name: torch.tensor([value, value], dtype=torch.float64)
        for name, value in objective.weights(0).items()
    }

    def loss(
        mean: Tensor, images: Tensor, draws: dict[str, Tensor], member_weights: dict
    ) -> Tensor:
        varied = replace(answers[0], mean=mean, images=images, random_inputs=draws)
        return objective.terms(varied, weights=member_weights, adversary=None)["loss"].mean()

    stacked = vmap(loss)(means, images, drawn, weights)
    gradients = vmap(grad(loss))(means, images, drawn, weights)
    for row, outputs in enumerate(answers):
        mean = outputs.mean.clone().requires_grad_()
        alone = loss(mean, outputs.images, outputs.random_inputs, objective.weights(0))
        alone.backward()
        assert stacked[row].item() == pytest.approx(alone.item(), rel=1e-12)
        assert torch.allclose(gradients[row], mean.grad, rtol=1e-9, atol=1e-12)


def test_an_answer_without_images_or_triplets_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        golden.terms(OverlapTVAE(), golden.outputs(), step=0)
    assert str(caught.value) == (
        "overlap_tvae compares the images of random triplets. "
        "Pass `images` and what `random_inputs` returned."
    )


def test_the_share_that_is_mined_is_common_to_a_stack() -> None:
    weights = OverlapTVAE(mined=0.3).weights(None)
    assert "mined" not in weights
    assert {"pixel_margin", "margin", "ratio", "share_scale"} <= weights.keys()
