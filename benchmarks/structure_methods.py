"""Candidates for the method that finds hot spots; `benchmarks.structure` compares them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import squareform
from sklearn.cluster import HDBSCAN

from benchmarks.planted import Planted
from toolkit.information import ChannelComparison
from toolkit.structure import default_min_samples, find_structure
from toolkit.structure.optics import run_optics

Table = NDArray[np.float64]
Labels = NDArray[np.int64]
CUT = 0.45


@dataclass(frozen=True, kw_only=True)
class Channels:
    """Informative channels as a method sees them: who has them, and how alike they are."""

    member: Labels
    nmi: Table
    vi: Table
    above: Table


Method = Callable[[ChannelComparison, Channels, Planted], Labels]


def by_find_structure(comparison: ChannelComparison, _: Channels, planted: Planted) -> Labels:
    """The default of `find_structure`, whole."""
    structure = find_structure(comparison, members=planted.member)
    labels = np.full(len(planted.member), -1)
    for number, group in enumerate(structure.groups):
        labels[list(group.channels)] = number
    return np.asarray(labels[structure.kept.numpy()], np.int64)


def by_linkage(likeness: Table, kind: Literal["average", "complete"], cut: float) -> Labels:
    """Hierarchical clustering of one minus the likeness."""
    distance = np.maximum(1 - (likeness + likeness.T) / 2, 0.0)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method=kind)
    return np.asarray(fcluster(tree, 1 - cut, criterion="distance"), np.int64)


def by_linkage_of_runs(likeness: Table, member: Labels, cut: float) -> Labels:
    """Average linkage that never joins two channels of one member."""
    mean = likeness.copy()
    mean[member[:, None] == member[None]] = -np.inf
    size, labels = np.ones(len(mean)), np.arange(len(mean))
    while True:
        first, second = divmod(int(mean.argmax()), len(mean))
        if mean[first, second] < cut:
            return labels
        joined = mean[first] * size[first] + mean[second] * size[second]
        joined /= size[first] + size[second]
        mean[first], mean[:, first] = joined, joined
        mean[first, first] = -np.inf
        mean[second], mean[:, second] = -np.inf, -np.inf
        size[first] += size[second]
        labels[labels == second] = first


def by_matching(likeness: Table, member: Labels, cut: float) -> Labels:
    """Multi-way matching: each member's channels are assigned to groups, again and again.

    Started from average linkage with one channel per member; in each of at most 20 rounds every
    member is matched one to one with the groups of all others, by mean likeness.
    """
    labels = np.unique(by_linkage_of_runs(likeness, member, cut), return_inverse=True)[1]
    for _ in range(20):
        if labels.max(initial=-1) < 0:
            break
        inside = np.eye(labels.max() + 1)[labels] * (labels >= 0)[:, None]
        matched = np.full(len(labels), -1)
        for number in np.unique(member):
            rows = np.flatnonzero(member == number)
            others = inside * (member != number)[:, None]
            mean = likeness[rows] @ others / np.maximum(others.sum(axis=0), 1)
            for row, column in zip(*linear_sum_assignment(-mean), strict=True):
                if mean[row, column] >= cut:
                    matched[rows[row]] = column
        if np.array_equal(matched, labels):
            break
        labels = matched
    return labels


def by_hdbscan(likeness: Table, least: int) -> Labels:
    """HDBSCAN (Campello, Moulavi & Sander, 2013) on one minus the likeness."""
    distance = np.maximum(1 - (likeness + likeness.T) / 2, 0.0)
    np.fill_diagonal(distance, 0.0)
    if len(distance) < max(least, 2):
        return np.full(len(distance), -1)
    estimator: Any = HDBSCAN
    found = estimator(min_cluster_size=least, metric="precomputed", copy=True).fit(distance)
    return np.asarray(found.labels_, np.int64)


def samples(channels: Channels) -> int:
    """Neighbours of a core channel by the default rule."""
    return default_min_samples(len(np.unique(channels.member)))


def optics(channels: Channels, by: Literal["vi", "nmi"], least: int) -> Labels:
    """The groups of OPTICS, with channels that do not agree with the centre."""
    return run_optics(channels.nmi, channels.vi, by=by, min_samples=least).labels


METHODS: Mapping[str, Method] = {
    "**average linkage, NMI above chance, 0.45** (default)": by_find_structure,
    "the same, cut at 0.3": lambda _, c, p: by_linkage(c.above, "average", 0.3),
    "the same, cut at 0.6": lambda _, c, p: by_linkage(c.above, "average", 0.6),
    "average linkage, NMI, 0.4": lambda _, c, p: by_linkage(c.nmi, "average", 0.4),
    "average linkage, NMI, 0.5": lambda _, c, p: by_linkage(c.nmi, "average", 0.5),
    "complete linkage, NMI above chance, 0.45": lambda _, c, p: by_linkage(
        c.above, "complete", CUT
    ),
    "average linkage, one channel per member, 0.45": lambda _, c, p: by_linkage_of_runs(
        c.above, c.member, CUT
    ),
    "multi-way matching, 0.45": lambda _, c, p: by_matching(c.above, c.member, CUT),
    "HDBSCAN, NMI": lambda _, c, p: by_hdbscan(c.nmi, samples(c)),
    "HDBSCAN, NMI, clusters of 2": lambda _, c, p: by_hdbscan(c.nmi, 2),
    "OPTICS, VI": lambda _, c, p: optics(c, "vi", samples(c)),
    "OPTICS, NMI": lambda _, c, p: optics(c, "nmi", samples(c)),
    "OPTICS, NMI, min_samples 3": lambda _, c, p: optics(c, "nmi", 3),
}
