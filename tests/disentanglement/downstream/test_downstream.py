import numpy as np
import pytest

from toolkit.disentanglement.downstream.fairness import (
    FairnessSettings,
    fairness,
    group_distances,
)
from toolkit.disentanglement.downstream.generalisation import (
    GeneralisationSettings,
    strong_generalisation,
)
from toolkit.disentanglement.downstream.learners import CLASSIFIERS, classify
from toolkit.disentanglement.downstream.prediction import (
    DownstreamSettings,
    ReducedDownstreamSettings,
    downstream,
    reduced_downstream,
)
from toolkit.errors import ToolkitError

PAIR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
ROWS = np.tile(PAIR, (20, 1))


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_every_classifier_learns_a_threshold(classifier: str) -> None:
    codes = np.linspace(0, 1, 40)[:, None]
    labels = (codes[:, 0] > 0.5).astype(int)
    test = np.array([[0.1], [0.9]])
    assert classify(codes, labels, test, classifier=classifier, seed=0).tolist() == [0, 1]


def test_accuracy_grows_with_labels_and_too_large_numbers_are_left_out() -> None:
    generator = np.random.default_rng(0)
    factors = generator.integers(0, 3, size=(400, 1))
    codes = factors + generator.normal(size=(400, 1)) / 3
    settings = DownstreamSettings(classifier="logistic", labels=(4, 200, 1000))
    found = downstream(codes, factors, settings, seed=0)
    assert set(found.per_factor) == {"accuracy/4", "accuracy/200"}
    assert found.values["mean/200"] == found.values["downstream"] > found.values["mean/4"]
    assert found.values["efficiency"] == found.values["mean/4"] / found.values["mean/200"]
    assert found.notes == ("too few images for 1000 labels",)


def test_fewer_images_than_any_number_of_labels_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        downstream(PAIR * 1.0, PAIR, DownstreamSettings(labels=(10,)), seed=0)
    assert str(caught.value) == (
        "3 training images are fewer than every one of the numbers of labels [10]. "
        "Encode more images, or use fewer labels."
    )


@pytest.mark.slow
def test_without_its_channel_a_factor_is_lost_and_the_others_stay() -> None:
    in_sample = ReducedDownstreamSettings(split="in_sample")
    values = reduced_downstream(ROWS * 1.0, ROWS, in_sample, seed=0).values
    assert values["accuracy"] == 1.0
    assert values["own_lost"] == 0.5
    assert values["others_lost"] == 0.0
    copied = np.hstack([ROWS, ROWS]) * 1.0
    assert reduced_downstream(copied, ROWS, in_sample, seed=0).values["own_lost"] == 0.0


def test_removing_every_channel_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        reduced_downstream(ROWS * 1.0, ROWS, ReducedDownstreamSettings(removed=2), seed=0)
    assert str(caught.value) == (
        "`removed` is 2, but the member has 2 channels. Leave at least one."
    )


def test_a_read_out_that_leans_on_another_factor_fails_under_its_shift() -> None:
    leaning = (ROWS[:, :1] ^ ROWS[:, 1:]) * 1.0  # factor 0 only when factor 1 is known
    logistic = GeneralisationSettings(classifier="logistic")
    found = strong_generalisation(np.hstack([leaning, ROWS[:, 1:]]), ROWS, logistic, seed=0)
    assert found.per_factor["accuracy_shifted"][0] == 0.0
    straight = strong_generalisation(ROWS * 1.0, ROWS, logistic, seed=0)
    assert straight.values["strong_generalisation_gap"] == 0.0


def test_shifts_that_cannot_be_made_are_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        strong_generalisation(ROWS * 1.0, ROWS[:, :1], seed=0)
    assert str(caught.value) == (
        "one factor varies, but a shift needs a second one. "
        "Choose images in which two factors vary."
    )
    apart = np.stack([np.arange(3), np.arange(3)], axis=1)
    with pytest.raises(ToolkitError) as caught:
        strong_generalisation(apart * 1.0, apart, seed=0)
    assert str(caught.value) == (
        "no value of a factor occurs in 2 of 3 images and is missing in as many, so no shift can "
        "be made. Encode more images."
    )


def test_group_distances_by_hand() -> None:
    apart, mean, worst = group_distances(np.array([[3, 1], [1, 3], [2, 2]]))
    assert apart == pytest.approx([0.25, 0.25, 0.0])
    assert (mean, worst) == pytest.approx((1 / 6, 0.25))


def test_predictions_from_a_mixed_channel_are_unfair() -> None:
    settings = FairnessSettings(split="in_sample", classifier="logistic")
    assert fairness(ROWS * 1.0, ROWS, settings, seed=0).values["unfairness"] == 0.0
    mixed = (ROWS[:, :1] * 2 + ROWS[:, 1:]) * 1.0
    assert fairness(mixed, ROWS, settings, seed=0).values["unfairness"] > 0.2


def test_fairness_of_one_factor_is_refused() -> None:
    with pytest.raises(ToolkitError) as caught:
        fairness(ROWS * 1.0, ROWS[:, :1], seed=0)
    assert str(caught.value) == (
        "one factor varies, but fairness needs one to predict and another that is sensitive. "
        "Choose images in which two factors vary."
    )


def test_an_unknown_classifier_is_refused(unchecked: None) -> None:
    with pytest.raises(ToolkitError) as caught:
        classify(np.eye(2), np.array([0, 1]), np.eye(2), classifier="trees", seed=0)
    assert str(caught.value) == (
        "no classifier is called 'trees'. Known: boosted, logistic, logistic_cv."
    )
