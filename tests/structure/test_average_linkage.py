"""Average linkage against its definition, and against changes too small to matter."""

import numpy as np
import pytest

from toolkit.structure.average_linkage import cluster


def drawn(seed: int, channels: int = 12) -> np.ndarray:
    likeness = np.random.default_rng(seed).random((channels, channels))
    likeness = (likeness + likeness.T) / 2
    np.fill_diagonal(likeness, 1.0)
    return likeness


def by_definition(likeness: np.ndarray, cut: float) -> set[frozenset[int]]:
    """Join the two clusters of the greatest mean likeness, again and again."""
    clusters = [frozenset([channel]) for channel in range(len(likeness))]
    while len(clusters) > 1:
        mean, first, second = max(
            (likeness[np.ix_(sorted(a), sorted(b))].mean(), i, j)
            for i, a in enumerate(clusters)
            for j, b in enumerate(clusters)
            if i < j
        )
        if mean < cut:
            break
        joined = clusters[first] | clusters[second]
        clusters = [c for at, c in enumerate(clusters) if at not in (first, second)] + [joined]
    return set(clusters)


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.6])
@pytest.mark.parametrize("seed", range(10))
def test_clusters_are_those_of_the_definition(seed: int, cut: float) -> None:
    likeness = drawn(seed)
    labels = cluster(likeness, cut=cut).labels
    found = {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}
    assert found == by_definition(likeness, cut)


@pytest.mark.parametrize("seed", range(5))
def test_each_cluster_is_one_valley_of_the_order(seed: int) -> None:
    found = cluster(drawn(seed), cut=0.5)
    ordered = found.labels[found.order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    assert len(starts) == len(set(ordered.tolist()))
    assert sorted(found.order.tolist()) == list(range(12))
    assert (found.reachability[starts] > 0.5).all()
    inside = np.delete(found.reachability, starts)
    assert (inside <= 0.5 + 1e-9).all()
