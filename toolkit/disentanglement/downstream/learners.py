"""The classifiers that downstream tasks train, by name."""

from typing import Literal

import numpy as np
from jaxtyping import Int, Num

from toolkit.disentanglement.predictor.boosting import boost
from toolkit.disentanglement.predictor.logistic import fit_logistic
from toolkit.disentanglement.record import Array
from toolkit.errors import ToolkitError

Classifier = Literal["boosted", "logistic", "logistic_cv"]
CLASSIFIERS = ("boosted", "logistic", "logistic_cv")
PENALTIES = np.logspace(4, -4, 10)  # 1/C of the published grid
FOLDS = 5


def classify(
    train: Num[Array, "n d"],
    labels: Int[Array, " n"],
    test: Num[Array, "m d"],
    *,
    classifier: Classifier,
    seed: int,
) -> Int[Array, " m"]:
    """Train on some codes and predict the value of others.

    >>> classify(np.array([[0.0], [1.0]]), np.array([0, 1]), np.array([[2.0]]),
    ...          classifier="logistic", seed=0)
    array([1])

    Arguments:
        train, labels: to train on.
        test: codes whose values are predicted.
        classifier: "boosted" trees, "logistic" regression, or "logistic_cv" with its penalty chosen
            by five folds.
        seed: of ties and folds.
    """
    if classifier == "boosted":
        return boost(train, labels, seed=seed).predict(test)
    if classifier == "logistic":
        return fit_logistic(train, labels).predict(test)
    if classifier != "logistic_cv":
        raise ToolkitError(
            f"no classifier is called {classifier!r}. Known: {', '.join(CLASSIFIERS)}."
        )
    # Mean accuracy over folds by penalty; the strongest of equal ones is taken
    fold = np.random.default_rng(seed).permutation(len(train)) % min(FOLDS, len(train))
    accuracy = np.zeros(len(PENALTIES))
    for left_out in range(int(fold.max()) + 1 if len(train) > 1 else 0):
        rest = fold != left_out
        for position, penalty in enumerate(PENALTIES):
            model = fit_logistic(train[rest], labels[rest], penalty=float(penalty))
            accuracy[position] += (model.predict(train[~rest]) == labels[~rest]).mean()
    best = float(PENALTIES[accuracy.argmax()])
    return fit_logistic(train, labels, penalty=best).predict(test)
