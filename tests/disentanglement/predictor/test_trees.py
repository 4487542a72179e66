import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from toolkit.disentanglement.predictor.bins import bin_channels
from toolkit.disentanglement.predictor.trees import grow


def some(rows: int, trees: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(rows)
    codes = generator.normal(size=(rows, 4)).astype(np.float32).astype(np.float64)
    return codes, codes @ generator.normal(size=(4, trees)) + generator.normal(size=(rows, trees))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_trees_are_those_of_scikit_learn(depth: int) -> None:
    codes, residual = some(400, 3)
    ours = grow(residual, bin_channels(codes, width=9), depth=depth, generator=no_ties())
    for tree in range(3):
        other = DecisionTreeRegressor(max_depth=depth, random_state=0).fit(codes, residual[:, tree])
        found, wanted = ours.leaf[:, tree], other.apply(codes)
        pairs = set(zip(found.tolist(), wanted.tolist(), strict=True))
        assert len(pairs) == len(set(found.tolist())) == len(set(wanted.tolist()))
        inner = other.tree_.feature >= 0
        thresholds = np.sort(other.tree_.threshold[inner])
        finite = np.isfinite(ours.threshold[:, tree])
        assert np.sort(ours.threshold[finite, tree]) == pytest.approx(thresholds)
        share = ours.gain[:, tree] / ours.gain[:, tree].sum()
        assert share == pytest.approx(other.feature_importances_)


def no_ties() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_threshold_lies_half_way_to_the_next_value_of_its_own_node() -> None:
    # far fewer rows in the right node than are looked at first for a neighbour
    codes = np.column_stack([np.arange(600.0) % 2, np.arange(600.0)])
    wanted = np.where(codes[:, 0] == 1, 10.0, 0.0) + (codes[:, 1] > 300.5)
    trees = grow(wanted[:, None], bin_channels(codes), depth=2, generator=no_ties())
    assert trees.threshold[:, 0].tolist() == [0.5, 301.0, 300.0]


def test_rows_of_the_node_may_be_far_from_the_cut() -> None:
    codes = np.arange(1000.0)[:, None]
    wanted = np.zeros(1000)
    wanted[990:] = 100.0
    wanted[:10] = 5.0
    trees = grow(wanted[:, None], bin_channels(codes), depth=2, generator=no_ties())
    assert trees.threshold[0, 0] == 989.5
    assert trees.threshold[1, 0] == 9.5
    assert trees.threshold[2, 0] == np.inf
