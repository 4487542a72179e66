import numpy as np
import pytest

from tests.disentanglement import golden
from toolkit.disentanglement.predictor.dci import (
    LEARNERS,
    concentration,
    dci,
    disentanglement_and_completeness,
)
from toolkit.errors import ToolkitError

SLOW = ("rotated45", "noisy", "mlp", "inactive", "redundant")


@pytest.mark.parametrize("case", golden.CASES)
def test_given_the_importances_the_scores_are_those_of_the_reference(case: str) -> None:
    file, scores = golden.arrays("metrics_dci"), golden.numbers("metrics_dci")[case]
    for run, importance in enumerate(file[f"{case}_importance"]):
        found = disentanglement_and_completeness(importance)
        expected = [scores[name]["values"][run] for name in ("disentanglement", "completeness")]
        assert found == pytest.approx(expected, abs=1e-9)
    first = file[f"{case}_importance"][0]
    by_code = file[f"{case}_disentanglement_per_code"]
    by_factor = file[f"{case}_completeness_per_factor"]
    assert concentration(first) == pytest.approx(by_code, abs=1e-9)
    assert concentration(first.T) == pytest.approx(by_factor, abs=1e-9)


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, marks=[pytest.mark.slow] if c in SLOW else []) for c in golden.CASES],
)
def test_boosted_trees_trained_anew_give_the_scores_of_the_reference(case: str) -> None:
    codes, factors = golden.sample(case, "train", "test", first=1000)
    values = dci(codes, factors, seed=0, split=500).values
    tolerance = {"informativeness_train": 0.003}
    for name, reference in golden.numbers("metrics_dci")[case].items():
        assert values[name] == pytest.approx(reference["mean"], abs=tolerance.get(name, 0.01))


@pytest.mark.parametrize(
    ("importance", "disentangled", "complete"),
    [
        pytest.param(np.eye(3), 1.0, 1.0, id="one to one"),
        pytest.param(np.ones((4, 3)), 0.0, 0.0, id="all alike"),
        pytest.param(np.zeros((2, 2)), 0.0, 0.0, id="nothing used: as all alike"),
        pytest.param([[1, 0], [1, 0], [0, 2]], 1.0, 1 - np.log(2) / np.log(3) / 2, id="copies"),
        pytest.param([[2.0], [0.0]], 1.0, 1.0, id="one factor there is"),
        pytest.param([[3.0, 1.0]], 1 - 0.8112781, 1.0, id="one channel: 1 - H(1/4) bits"),
    ],
)
def test_by_hand(importance: list[list[float]], disentangled: float, complete: float) -> None:
    table = np.array(importance, dtype=float)
    found = disentanglement_and_completeness(table)
    assert found == pytest.approx((disentangled, complete), abs=1e-6)


@pytest.mark.parametrize("learner", LEARNERS)
def test_every_learner_finds_the_channel_of_each_factor(learner: str) -> None:
    generator = np.random.default_rng(0)
    factors = generator.integers(0, 3, size=(150, 2))
    codes = np.column_stack([factors[:, ::-1], generator.normal(size=150)]) + 0.01
    answer = dci(codes, factors, seed=0, learner=learner)
    assert answer.matrices["importance"].argmax(axis=0).tolist() == [1, 0]
    assert answer.values["disentanglement"] > 0.6
    assert answer.values["informativeness_test"] > 0.9


def test_held_out_rows_are_not_learnt_from() -> None:
    generator = np.random.default_rng(0)
    codes, factors = generator.normal(size=(90, 3)), generator.integers(0, 2, size=(90, 1))
    inside = dci(codes, factors, seed=0, split="in_sample").values
    held = dci(codes, factors, seed=0).values
    assert inside["informativeness_test"] == inside["informativeness_train"] == 1.0
    assert held["informativeness_test"] < 0.75


def test_an_unknown_learner_is_refused(unchecked: None) -> None:
    with pytest.raises(ToolkitError) as caught:
        dci(np.eye(4), np.eye(4), seed=0, learner="boost")
    assert str(caught.value) == (
        "no learner is called 'boost'. Known: boosted, forest, logistic, lasso."
    )
