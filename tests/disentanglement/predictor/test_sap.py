import numpy as np
import pytest
from sklearn.svm import LinearSVC

from tests.disentanglement import golden
from toolkit.disentanglement.predictor.sap import one_channel_svm, sap, sap_continuous
from toolkit.disentanglement.predictor.train_test import PredictorSettings


@pytest.mark.parametrize("case", golden.CASES)
def test_machines_on_single_channels_answer_as_the_reference(case: str) -> None:
    codes, factors = golden.sample(case, "train", "test")
    answer = sap(codes, factors, PredictorSettings(split=1500), seed=0)
    for file in golden.DLIB:
        expected = golden.numbers(file)[case]
        for value in (expected["sap_discrete"], *expected["sap_discrete_seeds"]):
            assert answer.values["sap"] == pytest.approx(value, abs=0.003)
    accuracy = golden.matrix(case, "sap_disc_matrix")
    assert answer.matrices["accuracy"] == pytest.approx(accuracy, abs=0.003)


@pytest.mark.parametrize("case", golden.CASES)
def test_squared_correlations_are_those_of_the_reference(case: str) -> None:
    answer = sap_continuous(*golden.sample(case), seed=0)
    close = {"abs": 1e-9, "rel": 1e-8}
    matrix = golden.matrix(case, "sap_cont_matrix")
    assert answer.matrices["squared_correlation"] == pytest.approx(matrix, **close)
    expected = golden.numbers("metrics_dlib_scores")[case]["sap_continuous"]
    assert answer.values["sap_continuous"] == pytest.approx(expected, **close)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_optimum_is_that_of_liblinear(classes: int) -> None:
    generator = np.random.default_rng(classes)
    labels = np.append(np.arange(classes), generator.integers(0, classes, size=300))
    labels[:40] = np.minimum(labels[:40], 1)
    values = labels + generator.normal(size=len(labels))
    slope, offset = one_channel_svm(values, labels)
    other = LinearSVC(C=0.01, class_weight="balanced", tol=1e-10, max_iter=100_000, dual=False)
    other.fit(values[:, None], labels)
    one_sided = slice(1, None) if classes == 2 else slice(None)
    assert slope[one_sided] == pytest.approx(other.coef_[:, 0], abs=1e-5)
    assert offset[one_sided] == pytest.approx(other.intercept_, abs=1e-5)


def test_a_constant_channel_predicts_nothing_and_correlates_with_nothing() -> None:
    factors = np.tile(np.arange(2), 50)[:, None]
    codes = np.column_stack([factors[:, 0], np.full(100, 3.0)])
    assert sap_continuous(codes, factors, seed=0).values["sap_continuous"] == 1.0
    assert sap(codes, factors, PredictorSettings(split="in_sample"), seed=0).values["sap"] == 0.5
