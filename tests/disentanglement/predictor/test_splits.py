"""The coarse search against one that tries every cut of every channel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.disentanglement.predictor import splits
from toolkit.disentanglement.predictor.bins import Bins, bin_channels
from toolkit.disentanglement.predictor.splits import Node, Split, Sums, best_split


def node_of(residual: np.ndarray, leaf: np.ndarray, place: int, bins: Bins) -> Node:
    inside = leaf == place
    share = residual * inside
    total, count = bins.members @ share, bins.members @ (inside * 1.0)
    above = bins.members @ np.maximum(share, 0.0)
    return Node(Sums(total, count, (share**2).sum(axis=0)), above, residual, leaf, place)


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


def drop(codes: np.ndarray, residual: np.ndarray, split: Split, tree: int, bins: Bins) -> float:
    """What the chosen split takes off the squared error, by its definition."""
    left = bins.rank[split.channel[tree]] <= split.cut[tree]
    parts = residual[left], residual[~left]
    error = sum(((part - part.mean()) ** 2).sum() for part in parts)
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
    split = best_split(node_of(residual, leaf, 1, bins), bins, generator)
    for tree in range(2):
        inside = leaf[:, tree] == 1
        wanted = slowly(codes[inside], residual[inside, tree])
        assert split.gain[tree] == pytest.approx(wanted)
        part = bins.rank[:, inside]
        left = part[split.channel[tree]] <= split.cut[tree]
        rest = residual[inside, tree]
        error = sum(((p - p.mean()) ** 2).sum() for p in (rest[left], rest[~left]))
        assert ((rest - rest.mean()) ** 2).sum() - error == pytest.approx(wanted)


def test_promising_bins_may_be_searched_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    codes, residual = generator.normal(size=(90, 4)), generator.normal(size=(90, 3))
    bins = bin_channels(codes, width=3)
    node = node_of(residual, np.zeros((90, 3), dtype=np.uint8), 0, bins)
    at_once = best_split(node, bins, np.random.default_rng(1))
    monkeypatch.setattr(splits, "SLAB", 40)
    in_parts = best_split(node, bins, np.random.default_rng(1))
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
    node = node_of(np.array(residual)[:, None], leaf, 0, bins)
    split = best_split(node, bins, np.random.default_rng(0))
    assert (split.cut.item(), split.gain.item()) == (-1, 0.0)


def test_of_equal_cuts_of_a_channel_the_first_is_taken() -> None:
    codes, residual = np.arange(4.0)[:, None], np.array([1.0, -1.0, -1.0, 1.0])[:, None]
    for width in (1, 4):
        bins = bin_channels(codes, width=width)
        node = node_of(residual, np.zeros((4, 1), dtype=np.uint8), 0, bins)
        split = best_split(node, bins, np.random.default_rng(0))
        assert split.cut.item() == 0
        assert drop(codes, residual[:, 0], split, 0, bins) == pytest.approx(4 / 3)
        assert split.gain.item() == pytest.approx(4 / 3)
