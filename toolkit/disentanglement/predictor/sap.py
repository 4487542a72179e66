"""Separated attribute predictability: how far the best single channel is ahead of the second.

Kumar, Sattigeri & Balakrishnan (2018), https://arxiv.org/abs/1711.00848
"""

import numpy as np
from jaxtyping import Float, Int, Num

from toolkit.disentanglement.inputs import Codes, Factors, gaps
from toolkit.disentanglement.predictor.train_test import (
    PREDICTOR,
    PredictorSettings,
    label_and_part,
)
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.disentanglement.settings import NONE, ScoreSettings

COST = 0.01
ITERATIONS = 100  # of Newton's method, at most
STILL = 1e-10  # relative change of the loss below which it has arrived


def one_channel_svm(
    values: Float[Array, " n"], labels: Int[Array, " n"], *, cost: float = COST
) -> tuple[Float[Array, " c"], Float[Array, " c"]]:
    """Slope and offset of balanced linear support vector machines, each class against the rest.

    Minimises (w^2 + b^2) / 2 + sum of c_i max(0, 1 - y_i (w x_i + b))^2 for all classes at once by
    Newton's method: in two unknowns the exact optimum costs a few sums. The class has
    weight n / (classes * its count), the rest 1 (with two classes, its own weight too).

    Arguments:
        values: (n,), codes of one channel.
        labels: (n,), numbered from 0.
        cost: of a violated margin.
    """
    # Signs, and balanced costs
    classes = int(labels.max()) + 1
    sign = np.where(labels[:, None] == np.arange(classes), 1.0, -1.0)
    count = np.bincount(labels, minlength=classes)
    weight = len(labels) / (np.maximum(count, 1) * (count > 0).sum())
    price = cost * np.where(sign > 0, weight, 1.0 if classes > 2 else weight[::-1])
    x = values[:, None].astype(np.float64)

    def loss(slope: Array, offset: Array) -> tuple[Array, Array]:
        short = np.maximum(1 - sign * (x * slope + offset), 0.0)
        return (slope**2 + offset**2) / 2 + (price * short**2).sum(axis=0), short

    slope, offset = np.zeros(classes), np.zeros(classes)
    value, short = loss(slope, offset)
    for _ in range(ITERATIONS):
        # Gradient, Hessian [[a, b], [b, c]] and Newton step
        pull, curvature = 2 * price * sign * short, 2 * price * (short > 0)
        down = slope - (pull * x).sum(axis=0), offset - pull.sum(axis=0)
        a, b = 1 + (curvature * x**2).sum(axis=0), (curvature * x).sum(axis=0)
        c = 1 + curvature.sum(axis=0)
        determinant = a * c - b**2
        step = (
            (c * down[0] - b * down[1]) / determinant,
            (a * down[1] - b * down[0]) / determinant,
        )
        # Step halved until the loss does not rise
        length = np.ones(classes)
        while True:
            tried = slope - length * step[0], offset - length * step[1]
            new, new_short = loss(*tried)
            worse = (new > value + STILL * np.abs(value)) & (length > STILL)
            if not worse.any():
                break
            length = np.where(worse, length / 2, length)
        slope, offset = tried
        short, value, moved = new_short, new, np.abs(value - new)
        if (moved <= STILL * (1 + np.abs(value))).all():
            break
    return slope, offset


def svm_accuracy(
    train: Num[Array, " n"],
    train_labels: Int[Array, " n"],
    test: Num[Array, " m"],
    test_labels: Int[Array, " m"],
) -> float:
    """Share of test rows whose value the machines of one channel name."""
    slope, offset = one_channel_svm(train.astype(np.float64), train_labels)
    margin = test[:, None] * slope + offset
    if len(slope) == 2:
        margin[:, 0] = -margin[:, 1]
    return float((margin.argmax(axis=1) == test_labels).mean())


def sap(
    codes: Codes, factors: Factors, settings: PredictorSettings = PREDICTOR, *, seed: int
) -> ScoreResult:
    """Mean over factors of the gap in accuracy between the two best single channels; 0 to 1.

    Each channel alone predicts each factor by a balanced linear support vector machine. Codes
    are not standardised: the score depends on their scale.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 50)
    >>> sap(grid.astype(float), grid, PredictorSettings(split="in_sample"), seed=0).values
    {'sap': 0.5}

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: how rows are split into training and test rows.
        seed: of the held-out rows.

    Source: Kumar et al. (2018); C = 0.01 as Locatello et al. (2019).
    """
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    accuracy = np.array(
        [
            [
                svm_accuracy(c[parts.train], f[parts.train], c[parts.test], f[parts.test])
                for f in data.factors.T
            ]
            for c in data.codes.T
        ]
    )
    # Gap of best two
    gap = gaps(accuracy)
    return ScoreResult(
        values={"sap": float(gap.mean())},
        per_factor={"sap": gap},
        matrices={"accuracy": accuracy},
        factors=data.kept,
        notes=data.notes,
    )


def sap_continuous(
    codes: Codes, factors: Factors, settings: ScoreSettings = NONE, *, seed: int
) -> ScoreResult:
    """Mean over factors of the gap in squared correlation between the two best channels; 0 to 1.

    Values of a factor count as numbers, so only ordered factors make sense.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> sap_continuous(grid.astype(float), grid, seed=0).values
    {'sap_continuous': 1.0}

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: none.
        seed: not used; nothing is drawn.

    Source: Kumar et al. (2018).
    """
    del settings
    data, _ = label_and_part(codes, factors, split="in_sample", seed=seed)
    # Squared correlations
    channels = data.codes - data.codes.mean(axis=0)
    wanted = data.factors - data.factors.mean(axis=0)
    rows = len(channels) - 1
    spread = np.outer((channels**2).sum(axis=0) / rows, (wanted**2).sum(axis=0) / rows)
    shared = np.square(channels.T @ wanted / rows)
    used = (channels**2).sum(axis=0)[:, None] / rows > 1e-12
    squared = np.divide(shared, spread, out=np.zeros_like(shared), where=used & (spread > 0))
    # Gap of best two
    gap = gaps(squared)
    return ScoreResult(
        values={"sap_continuous": float(gap.mean())},
        per_factor={"sap_continuous": gap},
        matrices={"squared_correlation": squared},
        factors=data.kept,
        notes=data.notes,
    )
