import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.disentanglement import golden
from toolkit.disentanglement.predictor.explicitness import area_under_curve, explicitness
from toolkit.disentanglement.predictor.infoe import infoe_classification, infoe_regression
from toolkit.disentanglement.predictor.train_test import PredictorSettings
from toolkit.errors import ToolkitError


@pytest.mark.parametrize("case", golden.CASES)
def test_explicitness_is_that_of_the_reference(case: str) -> None:
    codes, factors = golden.sample(case, "train", "test")
    answer = explicitness(codes, factors, PredictorSettings(split=1500), seed=0)
    for file in golden.DLIB:
        expected = golden.numbers(file)[case]
        test, train = expected["explicitness_test"], expected["explicitness_train"]
        assert answer.values["explicitness"] == pytest.approx(test, abs=5e-4)
        assert answer.values["explicitness_train"] == pytest.approx(train, abs=5e-4)
    both = np.stack(
        [answer.per_factor["explicitness_train"], answer.per_factor["explicitness"]], axis=1
    )
    assert both == pytest.approx(golden.matrix(case, "explicitness_train_test"), abs=5e-4)


def test_areas_are_those_of_scikit_learn_ties_included() -> None:
    generator = np.random.default_rng(0)
    scores = generator.integers(0, 9, size=(80, 3)).astype(float)
    truth = generator.random((80, 3)) < 0.4
    expected = [roc_auc_score(t, s) for t, s in zip(truth.T, scores.T, strict=True)]
    assert area_under_curve(scores, truth) == pytest.approx(expected)


def test_chance_is_a_half() -> None:
    generator = np.random.default_rng(0)
    codes, factors = generator.normal(size=(3000, 2)), generator.integers(0, 3, size=(3000, 1))
    assert explicitness(codes, factors, seed=0).values["explicitness"] == pytest.approx(
        0.5, abs=0.03
    )


def test_values_absent_from_the_test_rows_are_left_out() -> None:
    factors = np.array([0, 1, 2, 0, 1, 2, 0, 1])[:, None]
    answer = explicitness(factors * 1.0, factors, PredictorSettings(split=2), seed=0)
    assert answer.values["explicitness"] == 1.0


def test_one_test_image_is_refused() -> None:
    factors = np.array([0, 1, 0, 1])[:, None]
    with pytest.raises(ToolkitError) as caught:
        explicitness(factors * 1.0, factors, PredictorSettings(split=1), seed=0)
    assert str(caught.value) == (
        "the 1 test images leave no choice between values of a factor, so explicitness "
        "is undefined. Encode more images, or use split='in_sample'."
    )


@pytest.mark.parametrize("case", golden.CASES)
def test_infoe_is_that_of_the_reference(case: str) -> None:
    file, scores = golden.arrays("infomec"), golden.numbers("infomec_scores")[case]
    codes, factors = file[f"{case}_latents"], file["sources"]
    in_sample = PredictorSettings(split="in_sample")
    found = infoe_classification(codes, factors, in_sample, seed=0)
    expected = scores["explicitness_classification"]
    assert found.values["infoe"] == pytest.approx(expected, abs=0.01)
    conditional, blind = (file[f"{case}_clf_{kind}_ce"] for kind in ("conditional", "marginal"))
    assert found.per_factor["infoe"] == pytest.approx(1 - conditional / blind, abs=0.01)
    assert found.per_factor["cross_entropy_nats"] == pytest.approx(conditional, abs=0.02)
    explained = infoe_regression(codes, factors, in_sample, seed=0)
    expected = scores["explicitness_regression"]
    assert explained.values["infoe_r2"] == pytest.approx(expected, abs=1e-4)
    assert explained.per_factor["infoe_r2"] == pytest.approx(file[f"{case}_reg_r2"], abs=1e-4)
    if "explicitness_classification_onehot" in scores:
        symbols = np.stack([np.unique(c, return_inverse=True)[1] for c in codes.T], axis=1)
        found = infoe_classification(symbols, factors, in_sample, seed=0)
        expected = scores["explicitness_classification_onehot"]
        assert found.values["infoe"] == pytest.approx(expected, abs=0.02)
        explained = infoe_regression(symbols, factors, in_sample, seed=0).values["infoe_r2"]
        expected = scores["explicitness_regression_onehot"]
        assert explained == pytest.approx(expected, abs=1e-3)  # least squares in single precision


def test_infoe_of_noise_is_nothing_held_out() -> None:
    generator = np.random.default_rng(1)
    codes, factors = generator.normal(size=(400, 30)), generator.integers(0, 2, size=(400, 1))
    inside = infoe_classification(
        codes, factors, PredictorSettings(split="in_sample"), seed=0
    ).values["infoe"]
    assert inside > 0.02
    assert infoe_classification(codes, factors, seed=0).values["infoe"] < 0.0
    assert infoe_regression(codes, factors, seed=0).values["infoe_r2"] < 0.0


def test_too_few_images_for_infoe_are_refused() -> None:
    factors = np.array([0, 1, 2, 3])[:, None]
    with pytest.raises(ToolkitError) as caught:
        infoe_classification(factors * 1.0, factors, PredictorSettings(split=1), seed=0)
    assert str(caught.value) == (
        "too few images to learn factor 0: 3 training and 1 test images share no choice of "
        "values. Encode more images, or use split='in_sample'."
    )
    with pytest.raises(ToolkitError) as caught:
        infoe_regression(factors * 1.0, factors, PredictorSettings(split=1), seed=0)
    assert str(caught.value) == (
        "a factor takes one value on the 1 test images, so R^2 is undefined. "
        "Encode more images, or use split='in_sample'."
    )
