from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calls import calls_of
from tests.training import examples
from toolkit.data.images import ImageSet
from toolkit.errors import ToolkitError
from toolkit.objectives import GVAE, TVAE, AdaGVAE, BetaVAE, Sampling
from toolkit.training import evaluate, fit
from toolkit.training.views import KnownFactors, Partners, factors_of, partners_for

SIZES = (3, 4, 1, 5)


def grid(sizes: tuple[int, ...], *, share: float = 1.0, seed: int = 0) -> KnownFactors:
    """A share of all combinations of factor values, in an order of their own."""
    whole = np.stack(np.unravel_index(np.arange(np.prod(sizes)), sizes), axis=1)
    order = np.random.default_rng(seed).permutation(len(whole))
    return KnownFactors(values=whole[order[: round(share * len(whole))]], sizes=sizes)


def drawn(
    views: Sampling, factors: KnownFactors, *, count: int = 64, seed: int = 0, step: int = 0
) -> tuple[list[np.ndarray], np.ndarray]:
    """The factor values of anchors and partners, and which factor is said to have changed."""
    anchors = torch.randint(
        len(factors.values), (count,), generator=torch.Generator().manual_seed(9)
    )
    rows, changed = Partners(views, factors).of(anchors, seed=seed, step=step)
    assert rows.shape == (count * views.images,)
    return np.split(factors.values[rows.numpy()], views.images), changed.numpy()


def differing(first: np.ndarray, other: np.ndarray) -> list[int]:
    return (first != other).sum(axis=1).tolist()


@settings(max_examples=40, deadline=None)
@given(
    span=st.sampled_from([(1, 1), (1, 2), (2, 2), (1, -1), (2, -1), (3, 3), (1, 3)]),
    share=st.sampled_from([1.0, 0.9, 0.5, 0.3]),
    seed=st.integers(0, 2**20),
)
def test_a_pair_differs_in_as_many_factors_as_declared(
    span: tuple[int, int], share: float, seed: int
) -> None:
    least, most = span
    factors = grid(SIZES, share=share, seed=seed)
    (first, other), _ = drawn(Sampling(images=2, least=least, most=most), factors, seed=seed)
    last = 2 if most == -1 else most  # all of the three that vary, but one
    assert all(least <= number <= last for number in differing(first, other))


@settings(max_examples=25, deadline=None)
@given(
    positive=st.sampled_from([(1, 1), (1, 2), (1, -1)]),
    negative=st.sampled_from([(1, 3), (2, 3), (3, 3), (1, -1)]),
    share=st.sampled_from([1.0, 0.8, 0.4]),
    seed=st.integers(0, 2**20),
)
def test_a_positive_is_no_farther_from_its_anchor_than_the_negative(
    positive: tuple[int, int], negative: tuple[int, int], share: float, seed: int
) -> None:
    views = Sampling(
        images=3,
        least=positive[0],
        most=positive[1],
        negative_least=negative[0],
        negative_most=negative[1],
    )
    (anchor, near, far), _ = drawn(views, grid(SIZES, share=share, seed=seed), seed=seed)
    steps = np.array(SIZES) - 1
    steps[steps == 0] = 1
    nearer, farther = ((np.abs(anchor - partner) / steps).sum(axis=1) for partner in (near, far))
    assert (nearer <= farther).all()
    assert (nearer > 0).all()


def test_triplets_that_are_not_ordered_keep_who_is_who() -> None:
    views = Sampling(images=3, least=2, most=2, negative_least=1, negative_most=1, ordered=False)
    (anchor, positive, negative), _ = drawn(views, grid(SIZES))
    assert differing(anchor, positive) == [2] * 64
    assert differing(anchor, negative) == [1] * 64


def test_the_anchors_are_the_images_of_the_batch() -> None:
    factors = grid(SIZES)
    rows, _ = Partners(Sampling(images=3), factors).of(torch.arange(40), seed=0, step=0)
    assert rows[:40].tolist() == list(range(40))


def test_the_factor_that_changed_is_told_and_the_last_one_of_several() -> None:
    (first, other), changed = drawn(Sampling(images=2, least=1, most=1), grid(SIZES))
    assert (np.flatnonzero(first != other) % len(SIZES)).tolist() == changed.tolist()
    assert set(changed.tolist()) == {0, 1, 3}
    (first, other), changed = drawn(Sampling(images=2, least=2, most=3), grid(SIZES))
    last = [np.flatnonzero(row).max() for row in first != other]
    assert changed.tolist() == last


def test_p14_the_number_of_differing_factors_is_what_was_drawn() -> None:
    """Published samplers draw changed values that may stay equal: fewer factors differ."""
    factors = grid((2, 2, 2, 2))
    (first, other), _ = drawn(Sampling(images=2, least=1, most=3), factors, count=6000)
    counts = np.bincount(differing(first, other), minlength=5)
    assert counts[[0, 4]].tolist() == [0, 0]
    assert np.abs(counts[1:4] - 2000).max() < 4 * np.sqrt(6000 * 2 / 9)


def test_p14_one_or_many_as_published_is_a_choice_that_is_named() -> None:
    (first, other), _ = drawn(
        Sampling(images=2, least=1, most=3, either=True), grid(SIZES), count=4000
    )
    counts = np.bincount(differing(first, other), minlength=4)
    assert counts[[0, 2]].tolist() == [0, 0]
    assert abs(counts[1] - 2000) < 4 * np.sqrt(4000 / 4)


def test_p14_partners_depend_on_seed_and_step_and_on_nothing_else() -> None:
    factors, views = grid(SIZES, share=0.5), Sampling(images=3)
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the global stream itself
    rows = torch.arange(30)
    first = Partners(views, factors)
    first.of(rows, seed=5, step=7)
    again, fresh = first.of(rows, seed=0, step=1), Partners(views, factors).of(rows, seed=0, step=1)
    assert torch.equal(again[0], fresh[0])
    others = [first.of(rows, seed=seed, step=step)[0] for seed, step in ((0, 2), (1, 1))]
    assert not any(torch.equal(again[0], other) for other in others)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_every_image_that_may_be_the_partner_of_another_is_one_equally_often() -> None:
    factors = grid((1, 7))
    rows, _ = Partners(Sampling(images=2), factors).of(
        torch.zeros(6000, dtype=torch.int64), seed=0, step=0
    )
    counts = np.bincount(rows[6000:].numpy(), minlength=7)
    assert counts[0] == 0
    assert np.abs(counts[1:] - 1000).max() < 5 * np.sqrt(1000 * 5 / 6)


def test_among_images_of_equal_factors_one_is_chosen_at_random() -> None:
    factors = KnownFactors(values=np.array([[0], [1], [1], [1]]), sizes=(2,))
    rows, _ = Partners(Sampling(images=2), factors).of(
        torch.zeros(90, dtype=torch.int64), seed=0, step=0
    )
    assert set(rows[90:].tolist()) == {1, 2, 3}


def test_rare_partners_are_found_by_looking_at_all_images() -> None:
    """Two neighbours among images that are scattered over a grid of a million combinations."""
    generator = np.random.default_rng(0)
    scattered = generator.permutation(50)[:, None].repeat(4, axis=1)
    values = np.concatenate([scattered, [[7, 8, 9, 1], [7, 8, 9, 49]]])
    factors = KnownFactors(values=values, sizes=(50, 50, 50, 50))
    views = Sampling(images=2, least=1, most=1)
    rows, changed = Partners(views, factors).of(torch.arange(8), seed=0, step=0)
    pairs = {tuple(sorted(pair)) for pair in rows.reshape(2, 8).T.tolist()}
    assert pairs == {(50, 51)}
    assert changed.tolist() == [3] * 8


def test_images_of_which_none_has_a_partner_are_refused_before_any_batch() -> None:
    factors = KnownFactors(values=np.arange(5)[:, None].repeat(3, axis=1), sizes=(5, 5, 5))
    with pytest.raises(ToolkitError) as caught:
        Partners(Sampling(images=2, least=1, most=2), factors)
    assert str(caught.value) == (
        "images that differ in 1 to 2 factors are too rare among these 5. Let more factors change, "
        "or hold out other combinations."
    )


@pytest.mark.parametrize(
    ("views", "said"),
    [
        pytest.param(Sampling(images=2, least=4, most=4), "4 to 4", id="more than vary"),
        pytest.param(Sampling(images=2, least=1, most=4), "1 to 4", id="most is more than vary"),
        pytest.param(Sampling(images=2, least=3, most=2), "3 to 2", id="the wrong way round"),
        pytest.param(Sampling(images=2, least=0, most=1), "0 to 1", id="equal images"),
        pytest.param(Sampling(images=3, negative_least=4), "4 to 4", id="of the negatives"),
    ],
)
def test_a_span_that_factors_do_not_have_is_refused(views: Sampling, said: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        Partners(views, grid(SIZES))
    assert str(caught.value) == (
        f"{said} factors shall change between the images of a pair, but 3 factors of this data set "
        "vary. Change `least` and `most`, or take other data."
    )


def test_objectives_for_single_images_ask_for_no_partners() -> None:
    assert partners_for(BetaVAE(), None, latents=3) is None
    assert isinstance(partners_for(TVAE(), grid(SIZES), latents=1), Partners)


def test_unknown_factors_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        partners_for(AdaGVAE(), None, latents=3)
    assert str(caught.value) == (
        "AdaGVAE learns from images whose factors are known, and those of this data set are not. "
        "Choose another objective, or data with factors."
    )


def test_fewer_channels_than_labelled_factors_are_refused() -> None:
    assert partners_for(GVAE(), grid(SIZES), latents=4) is not None
    with pytest.raises(ToolkitError) as caught:
        partners_for(GVAE(), grid(SIZES), latents=3)
    assert str(caught.value) == (
        "GVAE needs a channel for each of the 4 factors, and the network has 3. "
        "Set `latents` to 4 or more."
    )


def test_training_and_evaluation_see_partners_of_the_images_they_were_given() -> None:
    images = examples.halves(60)
    factors = grid((3, 4, 5))
    chosen = examples.settings(steps=2, objective=TVAE(scale=1.0))
    fitted = examples.run(fit(chosen, images, factors=factors))
    evaluation = evaluate(fitted, chosen, images[:20], factors=grid((4, 5)))
    assert {"loss", "triplet"} <= evaluation.terms.keys()
    with pytest.raises(ToolkitError, match="TVAE learns from images whose factors are known"):
        evaluate(fitted, chosen, images[:20])


def test_factors_of_a_split_are_those_of_its_rows() -> None:
    images = np.zeros((6, 1, 8, 8), dtype=np.uint8)
    known = ImageSet(
        name="known",
        images=images,
        factors=np.arange(6)[:, None],
        factor_names=("number",),
        factor_sizes=(6,),
    )
    found = factors_of(known, np.array([4, 2]))
    assert found is not None
    assert (found.values.tolist(), found.sizes) == ([[4], [2]], (6,))
    assert factors_of(ImageSet(name="unknown", images=images), np.array([0])) is None


@pytest.mark.parametrize("views", [Sampling(images=2), Sampling(images=3)], ids=["pair", "triplet"])
def test_partners_of_a_batch_are_drawn_together(unchecked: None, views: Sampling) -> None:
    partners = Partners(views, grid((3, 4, 8, 11, 11), share=0.9))
    few, many = (
        calls_of(partial(partners.of, torch.arange(rows), seed=0, step=0)) for rows in (64, 512)
    )
    assert many < 2 * few < 1_000
