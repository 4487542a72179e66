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


def answer(
    learnt: Num[Array, "n d"],
    labels: Int[Array, " n"],
    asked: Num[Array, "m d"],
    *,
    classifier: Classifier,
    seed: int,
) -> Int[Array, " m"]:
    """Train on some codes and name the value of others.

    >>> answer(np.array([[0.0], [1.0]]), np.array([0, 1]), np.array([[2.0]]),
    ...        classifier="logistic", seed=0)
    array([1])

    Arguments:
        learnt, labels: to train on.
        asked: to be named.
        classifier: "boosted" trees, "logistic" regression, or "logistic_cv" with its penalty chosen
            by five folds.
        seed: of ties and folds.
    """
    if classifier == "boosted":
        return boost(learnt, labels, seed=seed).predict(asked)
    if classifier == "logistic":
        return fit_logistic(learnt, labels).predict(asked)
    if classifier == "logistic_cv":
        penalty = _best_penalty(learnt, labels, seed=seed)
        return fit_logistic(learnt, labels, penalty=penalty).predict(asked)
    raise ToolkitError(f"no classifier is called {classifier!r}. Known: {', '.join(CLASSIFIERS)}.")


def _best_penalty(codes: Array, labels: Array, *, seed: int) -> float:
    """The penalty of the largest mean accuracy over folds; the strongest of equals."""
    fold = np.random.default_rng(seed).permutation(len(codes)) % min(FOLDS, len(codes))
    accuracy = np.zeros(len(PENALTIES))
    for out in range(int(fold.max()) + 1 if len(codes) > 1 else 0):
        rest = fold != out
        for place, penalty in enumerate(PENALTIES):
            model = fit_logistic(codes[rest], labels[rest], penalty=float(penalty))
            accuracy[place] += (model.predict(codes[~rest]) == labels[~rest]).mean()
    return float(PENALTIES[accuracy.argmax()])
