"""Multinomial logistic regression, as the scores use it: one call, without warnings."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from jaxtyping import Float, Int, Num

from toolkit.disentanglement.record import Array

# scikit-learn suspects a regression where values are many; a factor is a factor
MANY_VALUES = "The number of unique classes is greater than 50% of the number of samples"


@dataclass(frozen=True, kw_only=True)
class Logistic:
    """A fitted regression.

    Arguments:
        classes: the values it can predict, ascending.
        weights: (c, d); two rows of opposite sign for two classes.
        bias: (c,).
        converged: False where it was stopped at its iteration limit.
    """

    classes: Int[Array, " c"]
    weights: Float[Array, "c d"]
    bias: Float[Array, " c"]
    converged: bool

    def log_probabilities(self, codes: Num[Array, "n d"]) -> Float[Array, "n c"]:
        """Logarithm of the probability of every value, in nats."""
        return np.asarray(scipy.special.log_softmax(codes @ self.weights.T + self.bias, axis=1))

    def predict(self, codes: Num[Array, "n d"]) -> Int[Array, " n"]:
        """The most probable value for each row."""
        return np.asarray(self.classes[self.log_probabilities(codes).argmax(axis=1)])


def fit_logistic(
    codes: Num[Array, "n d"],
    labels: Int[Array, " n"],
    *,
    penalty: float = 1.0,
    balanced: bool = False,
    iterations: int = 100,
) -> Logistic:
    """Fit by L-BFGS, which draws nothing.

    >>> fit_logistic(np.array([[-1.0], [1.0]]), np.array([0, 1])).predict(np.array([[3.0]]))
    array([1])

    Arguments:
        codes: (n, d).
        labels: (n,); a single value is always predicted.
        penalty: weight of half the squared norm; 0 for none.
        balanced: weigh values by the inverse of their frequency.
        iterations: of L-BFGS, at most.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    classes = np.unique(labels)
    if len(classes) == 1:
        return Logistic(
            classes=classes,
            weights=np.zeros((1, codes.shape[1])),
            bias=np.zeros(1),
            converged=True,
        )
    regression: Any = LogisticRegression  # untyped
    model = regression(
        C=1 / penalty if penalty > 0 else np.inf,
        class_weight="balanced" if balanced else None,
        max_iter=iterations,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # see `converged`
        warnings.filterwarnings("ignore", MANY_VALUES)
        model.fit(codes, labels)
    weights, bias = model.coef_, model.intercept_
    if len(classes) == 2:  # one logit between two: half for, half against
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return Logistic(
        classes=classes,
        weights=weights,
        bias=bias,
        converged=bool(np.max(model.n_iter_) < iterations),
    )
