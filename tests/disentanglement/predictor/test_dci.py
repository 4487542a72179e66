import numpy as np
import pytest

from tests.disentanglement import golden
from toolkit.disentanglement.predictor.dci import (
    concentration,
    dci,
    disentanglement_and_completeness,
)
from toolkit.disentanglement.predictor.importances import (
    BoostedTrees,
    Lasso,
    Learner,
    LogisticRegression,
    RandomForest,
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
    values = dci(codes, factors, BoostedTrees(split=500), seed=0).values
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


@pytest.mark.parametrize("learner", [BoostedTrees, RandomForest, LogisticRegression, Lasso])
def test_every_learner_finds_the_channel_of_each_factor(learner: type[Learner]) -> None:
    generator = np.random.default_rng(0)
    factors = generator.integers(0, 3, size=(150, 2))
    codes = np.column_stack([factors[:, ::-1], generator.normal(size=150)]) + 0.01
    answer = dci(codes, factors, learner(), seed=0)
    assert answer.matrices["importance"].argmax(axis=0).tolist() == [1, 0]
    assert answer.values["disentanglement"] > 0.6
    assert answer.values["informativeness_test"] > 0.9


def test_held_out_rows_are_not_learnt_from() -> None:
    generator = np.random.default_rng(0)
    codes, factors = generator.normal(size=(90, 3)), generator.integers(0, 2, size=(90, 1))
    inside = dci(codes, factors, BoostedTrees(split="in_sample"), seed=0).values
    held = dci(codes, factors, seed=0).values
    assert inside["informativeness_test"] == inside["informativeness_train"] == 1.0
    assert held["informativeness_test"] < 0.75


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("split", ["held_out", "in_sample"])
@pytest.mark.parametrize(("rows", "channels"), [(30, 2), (300, 10), (1500, 6)])
def test_a_lasso_that_explains_only_noise_has_no_dci(
    rows: int, channels: int, split: str, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    codes = generator.normal(size=(rows, channels))
    factors = generator.integers(0, 4, size=(rows, 3))
    with pytest.raises(ToolkitError) as caught:
        dci(codes, factors, Lasso(split=split), seed=0)
    assert str(caught.value).startswith(
        "the lasso explains no factor better than noise would be (R² "
    )
    assert str(caught.value).endswith(
        " at most on the test images), so the weights of channels mean nothing and DCI is "
        "undefined. Use `dci`, or leave the score out for this member."
    )
    factors[:, 0] = np.argsort(np.argsort(codes[:, 1])) * 4 // rows  # one factor is enough
    values = dci(codes, factors, Lasso(split=split), seed=0).values
    assert values["informativeness_test"] > 0


def test_constant_channels_leave_the_dci_of_a_lasso_undefined() -> None:
    factors = np.arange(40)[:, None] % 3
    with pytest.raises(ToolkitError, match=r"the lasso explains no factor .* \(R² 0 at most"):
        dci(np.full((40, 2), 0.3), factors, Lasso(split="in_sample"), seed=0)
