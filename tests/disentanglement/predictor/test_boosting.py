import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from toolkit.disentanglement.predictor.boosting import boost


def some(rows: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = np.append(np.arange(classes), generator.integers(0, classes, size=rows - classes))
    codes = generator.normal(size=(rows, 3))
    codes[:, 0] += labels
    codes[:, 1] *= 1 + labels
    return codes.astype(np.float32).astype(np.float64), labels


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_stumps_are_those_of_scikit_learn(classes: int) -> None:
    codes, labels = some(200, classes, seed=classes)
    ours = boost(codes, labels, seed=0, stages=20, depth=1)
    other = GradientBoostingClassifier(n_estimators=20, max_depth=1, random_state=0)
    other.fit(codes, labels)
    assert ours.importances == pytest.approx(other.feature_importances_, abs=1e-9)
    assert ours.fitted.tolist() == other.predict(codes).tolist()
    asked = some(300, classes, seed=99)[0]
    assert ours.predict(asked).tolist() == other.predict(asked).tolist()


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_deep_trees_differ_from_scikit_learn_only_by_ties_in_small_nodes(classes: int) -> None:
    codes, labels = some(200, classes, seed=classes)
    ours = boost(codes, labels, seed=0, stages=20)
    other = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(codes, labels)
    assert ours.importances == pytest.approx(other.feature_importances_, abs=0.01)
    assert (ours.fitted == other.predict(codes)).mean() > 0.97


def test_answers_on_training_rows_are_those_of_asking_again() -> None:
    codes, labels = some(150, 4, seed=0)
    fitted = boost(codes, labels, seed=0, stages=10)
    assert fitted.predict(codes).tolist() == fitted.fitted.tolist()


def test_copies_of_a_channel_share_its_importance_by_lot() -> None:
    codes, labels = some(150, 3, seed=1)
    twice = np.column_stack([codes, codes[:, 0]])
    alone = boost(codes, labels, seed=0, stages=40).importances
    shared = boost(twice, labels, seed=0, stages=40).importances
    assert shared[0] + shared[3] == pytest.approx(alone[0], abs=0.02)
    assert min(shared[0], shared[3]) > 0.2 * alone[0]


def test_many_classes_are_those_of_scikit_learn() -> None:
    codes, labels = some(400, 40, seed=4)
    ours = boost(codes, labels, seed=0, stages=3)
    other = GradientBoostingClassifier(n_estimators=3, random_state=0).fit(codes, labels)
    assert ours.importances == pytest.approx(other.feature_importances_, abs=0.03)
    assert (ours.fitted == labels).mean() == pytest.approx(other.score(codes, labels), abs=0.02)


def test_constant_channels_are_never_used() -> None:
    codes, labels = some(60, 2, seed=3)
    fitted = boost(np.column_stack([codes, np.ones(60)]), labels, seed=0, stages=5)
    assert fitted.importances[-1] == 0.0


def test_one_value_is_answered_without_trees() -> None:
    fitted = boost(np.eye(3), np.full(3, 7), seed=0)
    assert fitted.predict(np.zeros((2, 3))).tolist() == [7, 7]
    assert fitted.importances.tolist() == [0.0, 0.0, 0.0]


def test_nothing_to_split_on_gives_no_importance_and_the_most_frequent_value() -> None:
    fitted = boost(np.ones((5, 2)), np.array([0, 1, 1, 1, 2]), seed=0, stages=3)
    assert fitted.importances.tolist() == [0.0, 0.0]
    assert fitted.fitted.tolist() == [1] * 5
