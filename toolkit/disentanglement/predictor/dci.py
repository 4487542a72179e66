"""Disentanglement, completeness, informativeness, from the importances of four learners.

Eastwood & Williams (2018), https://openreview.net/forum?id=By-7dz-AZ
"""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int, Num

from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.boosting import boost
from toolkit.disentanglement.predictor.logistic import MANY_VALUES, fit_logistic
from toolkit.disentanglement.predictor.train_test import Parts, Split, label_and_part, standardise
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError

Learner = Literal["boosted", "forest", "logistic", "lasso"]
LEARNERS = ("boosted", "forest", "logistic", "lasso")
ROUNDS = 10_000  # of the lasso
FLOOR = 1e-11  # added to importances, as published, so that a silent channel spreads evenly


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What one learner found out about one factor.

    Arguments:
        importances: (d,), not negative.
        train, test: share of right answers; for the lasso, R^2.
    """

    importances: Float[Array, " d"]
    train: float
    test: float


def learn(
    codes: Num[Array, "n d"],
    factor: Int[Array, " n"],
    *,
    parts: Parts,
    learner: Learner,
    seed: int,
    alpha: float = 0.01,
) -> Learnt:
    """Predict one factor from all channels.

    Arguments:
        codes: (n, d).
        factor: (n,), indices of values.
        parts: rows to learn from and to be asked about.
        learner: "boosted" trees, random "forest", "logistic" regression or "lasso" on standardised
            codes; the lasso takes the index of a value for a number.
        seed: of whatever the learner draws.
        alpha: penalty of the lasso.
    """
    learnt, asked = factor[parts.train], factor[parts.test]
    if learner == "boosted":
        trees = boost(codes[parts.train], learnt, seed=seed)
        fitted, answered = trees.fitted, trees.predict(codes[parts.test])
        importances = trees.importances
    elif learner == "forest":
        forest = _forest(codes[parts.train], learnt, seed=seed)
        fitted, answered = forest.predict(codes[parts.train]), forest.predict(codes[parts.test])
        importances = forest.feature_importances_
    elif learner == "logistic":
        scaled, _ = standardise(codes, train=parts.train)
        model = fit_logistic(scaled[parts.train], learnt, iterations=1000)
        fitted, answered = model.predict(scaled[parts.train]), model.predict(scaled[parts.test])
        importances = np.abs(model.weights).mean(axis=0)
    elif learner == "lasso":
        return _lasso(codes, factor, parts=parts, alpha=alpha)
    else:
        raise ToolkitError(f"no learner is called {learner!r}. Known: {', '.join(LEARNERS)}.")
    return Learnt(
        importances=importances,
        train=float((fitted == learnt).mean()),
        test=float((answered == asked).mean()),
    )


def _forest(codes: Array, labels: Array, *, seed: int) -> Any:  # noqa: ANN401 - untyped library
    from sklearn.ensemble import RandomForestClassifier

    forest: Any = RandomForestClassifier
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", MANY_VALUES)
        return forest(random_state=seed).fit(codes, labels)


def _lasso(codes: Array, factor: Array, *, parts: Parts, alpha: float) -> Learnt:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import Lasso

    scaled, _ = standardise(codes, train=parts.train)
    wanted, _ = standardise(factor[:, None], train=parts.train)
    regression: Any = Lasso  # untyped
    model = regression(alpha=alpha, max_iter=ROUNDS, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # few rows: any optimum will do
        model.fit(scaled[parts.train], wanted[parts.train, 0])
    error = np.square(model.predict(scaled) - wanted[:, 0])

    def explained(rows: Array) -> float:
        spread = wanted[rows, 0].var()
        return float(1 - error[rows].mean() / spread) if spread > 0 else 0.0

    return Learnt(
        importances=np.abs(model.coef_), train=explained(parts.train), test=explained(parts.test)
    )


def concentration(importances: Float[Array, "r c"]) -> Float[Array, " r"]:
    """1 less the entropy of each row as a share of its largest; 1 where there is one column.

    >>> concentration(np.array([[1.0, 0.0], [0.5, 0.5]])).round(6)
    array([1., 0.])
    """
    if importances.shape[1] == 1:
        return np.ones(importances.shape[0])
    share = (importances + FLOOR) / (importances + FLOOR).sum(axis=1, keepdims=True)
    return np.asarray(1 + (share * np.log(share)).sum(axis=1) / np.log(importances.shape[1]))


def disentanglement_and_completeness(importances: Float[Array, "d k"]) -> tuple[float, float]:
    """Concentration over factors and over channels, each weighted by its share of importance.

    >>> [round(x, 6) for x in disentanglement_and_completeness(np.eye(3))]
    [1.0, 1.0]
    """
    if not importances.sum() > 0:  # nothing was used: everything spreads evenly
        importances = np.ones_like(importances)
    share = importances / importances.sum()
    return (
        float(concentration(importances) @ share.sum(axis=1)),
        float(concentration(importances.T) @ share.sum(axis=0)),
    )


def dci(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    learner: Learner = "boosted",
    split: Split = "held_out",
    alpha: float = 0.01,
) -> ScoreResult:
    """Does each channel serve one factor (D), each factor need one channel (C), and how well (I)?

    Importances R of a model that predicts each factor from all channels. D is the mean over
    channels of 1 - H(R_i) / log k, C the mean over factors of 1 - H(R^j) / log d, each weighted by
    its share of R; I is the share of right answers (R^2 for the lasso). 0 to 1, high is good.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> dci(grid.astype(float), grid, seed=0, split="in_sample").values["disentanglement"] > 0.999
    True

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        seed: of ties, of the forest, and of the held-out rows.
        learner: "boosted", "forest", "logistic" or "lasso".
        split: "held_out", "in_sample", or how many last rows to ask about.
        alpha: penalty of the lasso.

    Source: Eastwood & Williams (2018); boosted trees after Locatello et al. (2019).
    """
    data, parts = label_and_part(codes, factors, split=split, seed=seed)
    learnt = [
        learn(data.codes, f, parts=parts, learner=learner, seed=seed, alpha=alpha)
        for f in data.factors.T
    ]
    return dci_of(learnt, kept=data.kept, notes=data.notes)


def dci_of(
    learnt: list[Learnt], *, kept: tuple[int, ...], notes: tuple[str, ...] = ()
) -> ScoreResult:
    """The score from what was learnt about each factor, in order."""
    importances = np.stack([each.importances for each in learnt], axis=1)
    disentanglement, completeness = disentanglement_and_completeness(importances)
    train = np.array([each.train for each in learnt])
    test = np.array([each.test for each in learnt])
    return ScoreResult(
        values={
            "disentanglement": disentanglement,
            "completeness": completeness,
            "informativeness_train": float(train.mean()),
            "informativeness_test": float(test.mean()),
        },
        per_factor={
            "completeness": concentration(importances.T),
            "informativeness_train": train,
            "informativeness_test": test,
        },
        per_channel={"disentanglement": concentration(importances)},
        matrices={"importance": importances},
        factors=kept,
        notes=notes,
    )
