"""Gradient boosted trees that predict a factor from the channels, with their importances.

The learner of the published scores (100 stages of depth 3, learning rate 0.1, exact splits), at a
fraction of the time: all classes of a stage grow together, and cuts are searched coarsely first.
Source: Friedman (2001), https://doi.org/10.1214/aos/1013203451
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy
import torch
from jaxtyping import Float, Int, Num

from toolkit.disentanglement.predictor.bins import bin_channels
from toolkit.disentanglement.predictor.trees import Trees, grow
from toolkit.disentanglement.record import Array

STAGES = 100
DEPTH = 3
RATE = 0.1  # learning rate
TINY = 1e-150  # curvature up to which a leaf adds nothing


@dataclass(frozen=True, kw_only=True)
class Boosted:
    """A fitted classifier.

    Arguments:
        classes: the values it can predict, ascending.
        importances: (d,), share of the drop of squared error; sums to 1, or all 0 for no split.
        fitted: (n,), its predictions on the training rows.
    """

    classes: Int[Array, " c"]
    importances: Float[Array, " d"]
    fitted: Int[Array, " n"]
    start: Float[Array, " t"]
    stages: tuple[tuple[Trees, Float[Array, "leaves t"]], ...]

    def predict(self, codes: Num[Array, "m d"]) -> Int[Array, " m"]:
        """The most probable value for each row."""
        values = codes.astype(np.float32).astype(np.float64)
        raw = np.tile(self.start, (len(values), 1))
        for trees, leaves in self.stages:
            # Down the levels: to the right where the value lies beyond the threshold
            leaf = np.zeros((len(values), trees.channel.shape[1]), dtype=np.intp)
            first = 0  # node of the level, in breadth-first order
            while first < len(trees.channel):
                right = np.zeros(leaf.shape, dtype=bool)
                for position in range(first + 1):
                    node = first + position
                    beyond = values[:, trees.channel[node]] > trees.threshold[node]
                    right |= (leaf == position) & beyond
                leaf = 2 * leaf + right
                first = 2 * first + 1
            raw += RATE * _values_of(leaves, leaf)
        return _decide(raw, self.classes)


def boost(
    codes: Num[Array, "n d"],
    labels: Int[Array, " n"],
    *,
    seed: int,
    stages: int = STAGES,
    depth: int = DEPTH,
) -> Boosted:
    """Fit boosted trees; one tree per stage for two classes, one per class for more.

    >>> codes = np.array([[0.0, 5.0], [0.0, 6.0], [1.0, 5.0], [1.0, 6.0]])
    >>> fitted = boost(codes, np.array([0, 0, 1, 1]), seed=0, stages=3)
    >>> fitted.importances, fitted.predict(codes)
    (array([1., 0.]), array([0, 0, 1, 1]))

    Arguments:
        codes: (n, d).
        labels: (n,), the factor's values; one value only is predicted without trees.
        seed: breaks ties between channels.
        stages, depth: of the ensemble.
    """
    classes, target = np.unique(labels, return_inverse=True)
    target = target.ravel()
    channels = codes.shape[1]
    if len(classes) == 1:
        return Boosted(
            classes=classes,
            importances=np.zeros(channels),
            fitted=labels.copy(),
            start=np.zeros(1),
            stages=(),
        )
    # What each tree's column is to become, and the log-odds it starts from
    one_hot = np.eye(len(classes))[target]
    share = one_hot.mean(axis=0)
    wanted, start = one_hot, np.log(share)
    if len(classes) == 2:
        wanted, start = one_hot[:, 1:], np.log(share[1:] / share[:1])
    generator = np.random.default_rng(seed)
    bins = bin_channels(codes.astype(np.float64))
    raw = np.tile(start, (len(codes), 1))
    fitted, gains = [], []
    for _ in range(stages):
        # Trees fitted to the gradient, leaves by a Newton step
        probability = (
            scipy.special.expit(raw)
            if len(classes) == 2
            else np.asarray(torch.softmax(torch.from_numpy(raw), dim=1).numpy())
        )
        residual = wanted - probability
        trees = grow(residual, bins, depth=depth, generator=generator)
        leaves = _leaf_values(residual, probability, trees.leaf, 2**depth)
        raw += RATE * _values_of(leaves, trees.leaf)
        without_rows = np.empty((0, trees.leaf.shape[1]), dtype=np.uint8)
        fitted.append((replace(trees, leaf=without_rows), leaves))
        gains.append(trees.gain)
    # Drop of squared error by channel, as a share
    gain = np.concatenate(gains, axis=1).sum(axis=1)
    return Boosted(
        classes=classes,
        importances=np.asarray(gain / gain.sum() if gain.sum() > 0 else gain),
        fitted=_decide(raw, classes),
        start=start,
        stages=tuple(fitted),
    )


def _leaf_values(residual: Array, probability: Array, leaf: Array, leaves: int) -> Array:
    """A Newton step of the log-likelihood in every leaf of every tree, (leaves, trees)."""
    trees = residual.shape[1]
    size = leaves * trees
    cell = (leaf.astype(np.intp) * trees + np.arange(trees)).ravel()
    # Sums of first and second derivatives over the rows of each leaf
    gradient = np.bincount(cell, weights=residual.ravel(), minlength=size)
    curvature = np.bincount(cell, weights=(probability * (1 - probability)).ravel(), minlength=size)
    scale = 1.0 if trees == 1 else (trees - 1) / trees
    value = np.divide(scale * gradient, curvature, out=np.zeros(size), where=curvature > TINY)
    return np.asarray(value.reshape(leaves, trees))


def _values_of(leaves: Array, leaf: Array) -> Array:
    return np.asarray(leaves[leaf, np.arange(leaves.shape[1])])


def _decide(raw: Array, classes: Int[Array, " c"]) -> Int[Array, " m"]:
    """The class of the largest raw value; of two classes the second above 0."""
    if len(classes) == 1:
        return np.repeat(classes, len(raw))
    best = (raw[:, 0] > 0).astype(np.intp) if raw.shape[1] == 1 else raw.argmax(axis=1)
    return np.asarray(classes[best])
