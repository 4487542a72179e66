"""The coarse search against one that tries every cut of every channel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.disentanglement.predictor import tree_splits
from toolkit.disentanglement.predictor.bins import Bins, bin_channels
from toolkit.disentanglement.predictor.tree_splits import Nodes, best_splits


def nodes_of(residual: np.ndarray, leaf: np.ndarray, bins: Bins, *, positions: int) -> Nodes:
    """All nodes of a level, their sums taken one by one."""
    inside = [leaf == position for position in range(positions)]
    share = np.concatenate([residual * mask for mask in inside], axis=1)
    count = bins.members @ (np.concatenate(inside, axis=1) * 1.0)
    above = bins.members @ np.maximum(share, 0.0)
    return Nodes(bins.members @ share, count, above, (share**2).sum(axis=0), residual, leaf)


def slowly(codes: np.ndarray, residual: np.ndarray) -> float:
    """The largest drop of squared error over all cuts of all channels, by its definition."""
    whole = ((residual - residual.mean()) ** 2).sum()
    drops = [-np.inf]
    for column in codes.T:
        for value in np.unique(column)[:-1]:
            left, right = residual[column <= value], residual[column > value]
            error = sum(((part - part.mean()) ** 2).sum() for part in (left, right))
            drops.append(whole - error)
    return max(drops)


def drop(residual: np.ndarray, left: np.ndarray) -> float:
    """What a split takes off the squared error, by its definition."""
    error = sum(((part - part.mean()) ** 2).sum() for part in (residual[left], residual[~left]))
    return float(((residual - residual.mean()) ** 2).sum() - error)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    width=st.sampled_from([1, 2, 5, 16, 200]),
    digits=st.sampled_from([1, 6]),
    rare=st.booleans(),
)
def test_the_split_is_the_one_that_trying_every_cut_finds(
    seed: int, width: int, digits: int, rare: bool
) -> None:
    generator = np.random.default_rng(seed)
    codes = generator.normal(size=(60, 3)).round(digits).astype(np.float32).astype(np.float64)
    residual = generator.normal(size=(60, 2))
    if rare:  # residuals as boosting meets them: few large ones above, many small ones below
        residual = (generator.random((60, 2)) < 0.1) - generator.random((60, 2)) / 10
    leaf = generator.integers(0, 2, size=(60, 2)).astype(np.uint8)
    bins = bin_channels(codes, width=width)
    split = best_splits(nodes_of(residual, leaf, bins, positions=2), bins, generator)
    for node in range(4):
        position, tree = divmod(node, 2)
        inside = leaf[:, tree] == position
        wanted = slowly(codes[inside], residual[inside, tree])
        assert split.gain[node] == pytest.approx(wanted)
        left = bins.rank[split.channel[node], inside] <= split.cut[node]
        assert drop(residual[inside, tree], left) == pytest.approx(wanted)


def test_promising_bins_may_be_searched_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    codes, residual = generator.normal(size=(90, 4)), generator.normal(size=(90, 3))
    bins = bin_channels(codes, width=3)
    nodes = nodes_of(residual, np.zeros((90, 3), dtype=np.uint8), bins, positions=1)
    at_once = best_splits(nodes, bins, np.random.default_rng(1))
    monkeypatch.setattr(tree_splits, "SLAB", 40)
    in_parts = best_splits(nodes, bins, np.random.default_rng(1))
    assert in_parts.cut.tolist() == at_once.cut.tolist()
    assert in_parts.gain.tolist() == pytest.approx(at_once.gain.tolist())


@pytest.mark.parametrize(
    ("codes", "residual"),
    [
        pytest.param([1.0, 1.0, 1.0], [1.0, -1.0, 0.0], id="nothing to cut"),
        pytest.param([1.0, 2.0, 3.0], [0.5, 0.5, 0.5], id="nothing to gain"),
    ],
)
def test_a_node_that_cannot_be_split_stays_whole(codes: list[float], residual: list[float]) -> None:
    bins = bin_channels(np.array(codes)[:, None])
    leaf = np.zeros((3, 1), dtype=np.uint8)
    nodes = nodes_of(np.array(residual)[:, None], leaf, bins, positions=1)
    split = best_splits(nodes, bins, np.random.default_rng(0))
    assert (split.cut.item(), split.gain.item()) == (-1, 0.0)


def test_of_equal_cuts_of_a_channel_the_first_is_taken() -> None:
    codes, residual = np.arange(4.0)[:, None], np.array([1.0, -1.0, -1.0, 1.0])[:, None]
    for width in (1, 4):
        bins = bin_channels(codes, width=width)
        nodes = nodes_of(residual, np.zeros((4, 1), dtype=np.uint8), bins, positions=1)
        split = best_splits(nodes, bins, np.random.default_rng(0))
        assert split.cut.item() == 0
        assert drop(residual[:, 0], codes[:, 0] <= 0) == pytest.approx(4 / 3)
        assert split.gain.item() == pytest.approx(4 / 3)
