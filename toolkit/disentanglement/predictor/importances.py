"""Learners that predict a factor from the channels, and tell how much they used each channel."""

import math
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Gt
from jaxtyping import Float, Int, Num

from toolkit.disentanglement.predictor.boosting import boost
from toolkit.disentanglement.predictor.logistic import MANY_VALUES, fit_logistic
from toolkit.disentanglement.predictor.train_test import Parts, PredictorSettings, standardise
from toolkit.disentanglement.record import Array

ITERATIONS = 10_000  # of the lasso, at most


@dataclass(frozen=True, kw_only=True)
class FactorFit:
    """What one learner found out about one factor.

    Arguments:
        importances: (d,), not negative.
        train, test: accuracy; for the lasso, R^2.
        informative: False where a regression explains no more than it would of noise.
    """

    importances: Float[Array, " d"]
    train: float
    test: float
    informative: bool = True


@dataclass(frozen=True, kw_only=True)
class Learner(PredictorSettings, ABC):
    """A learner with its settings."""

    @abstractmethod
    def learn(
        self, codes: Num[Array, "n d"], factor: Int[Array, " n"], *, parts: Parts, seed: int
    ) -> FactorFit:
        """Predict one factor from all channels.

        Arguments:
            codes: (n, d).
            factor: (n,), indices of values.
            parts: rows to train on and to test on.
            seed: of whatever the learner draws.
        """


@dataclass(frozen=True, kw_only=True)
class BoostedTrees(Learner):
    """Gradient boosted trees; importances are shares of the drop of squared error."""

    def learn(
        self, codes: Num[Array, "n d"], factor: Int[Array, " n"], *, parts: Parts, seed: int
    ) -> FactorFit:
        """See `Learner`."""
        trees = boost(codes[parts.train], factor[parts.train], seed=seed)
        return FactorFit(
            importances=trees.importances,
            train=float((trees.fitted == factor[parts.train]).mean()),
            test=float((trees.predict(codes[parts.test]) == factor[parts.test]).mean()),
        )


@dataclass(frozen=True, kw_only=True)
class RandomForest(Learner):
    """A random forest; importances are mean drops of impurity."""

    def learn(
        self, codes: Num[Array, "n d"], factor: Int[Array, " n"], *, parts: Parts, seed: int
    ) -> FactorFit:
        """See `Learner`."""
        from sklearn.ensemble import RandomForestClassifier

        classifier: Any = RandomForestClassifier  # untyped
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", MANY_VALUES)
            forest = classifier(random_state=seed).fit(codes[parts.train], factor[parts.train])
        return FactorFit(
            importances=forest.feature_importances_,
            train=float((forest.predict(codes[parts.train]) == factor[parts.train]).mean()),
            test=float((forest.predict(codes[parts.test]) == factor[parts.test]).mean()),
        )


@dataclass(frozen=True, kw_only=True)
class LogisticRegression(Learner):
    """Logistic regression on standardised codes; importances are mean absolute weights."""

    def learn(
        self, codes: Num[Array, "n d"], factor: Int[Array, " n"], *, parts: Parts, seed: int
    ) -> FactorFit:
        """See `Learner`; draws nothing."""
        del seed
        scaled, _ = standardise(codes, train=parts.train)
        model = fit_logistic(scaled[parts.train], factor[parts.train], iterations=1000)
        return FactorFit(
            importances=np.abs(model.weights).mean(axis=0),
            train=float((model.predict(scaled[parts.train]) == factor[parts.train]).mean()),
            test=float((model.predict(scaled[parts.test]) == factor[parts.test]).mean()),
        )


@dataclass(frozen=True, kw_only=True)
class Lasso(Learner):
    """A lasso on standardised codes, the index of a value taken for a number.

    Arguments:
        split: see `PredictorSettings`.
        alpha: penalty on absolute weights.
    """

    alpha: Annotated[float, Gt(0)] = 0.01

    def learn(
        self, codes: Num[Array, "n d"], factor: Int[Array, " n"], *, parts: Parts, seed: int
    ) -> FactorFit:
        """See `Learner`; draws nothing."""
        from sklearn import linear_model
        from sklearn.exceptions import ConvergenceWarning

        del seed
        scaled, _ = standardise(codes, train=parts.train)
        target, _ = standardise(factor[:, None], train=parts.train)
        regression: Any = linear_model.Lasso  # untyped
        model = regression(alpha=self.alpha, max_iter=ITERATIONS, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # few rows: any optimum will do
            model.fit(scaled[parts.train], target[parts.train, 0])
        error = np.square(model.predict(scaled) - target[:, 0])

        def explained(rows: Array) -> float:
            spread = target[rows, 0].var()
            return float(1 - error[rows].mean() / spread) if spread > 0 else 0.0

        test = explained(parts.test)
        rows = min(len(parts.train), len(parts.test))
        return FactorFit(
            importances=np.abs(model.coef_),
            train=explained(parts.train),
            test=test,
            informative=test > explained_of_noise(codes.shape[1], rows),
        )


def explained_of_noise(channels: int, rows: int) -> float:
    """What a linear regression on so many channels of noise explains at most, as R^2.

    In-sample R^2 of noise has the mean channels / rows and the standard deviation
    sqrt(2 channels) / rows; this is four deviations above the mean, but no more than a half, which
    counts as informative from however few rows. Held out it is less.

    >>> explained_of_noise(8, 100)
    0.24
    """
    return min((channels + 4 * math.sqrt(2 * channels)) / rows, 0.5)
