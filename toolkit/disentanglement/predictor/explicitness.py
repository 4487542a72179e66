"""Explicitness: whether a linear read-out of all channels ranks each value of a factor first.

Ridgeway & Mozer (2018), https://arxiv.org/abs/1802.05312
"""

import numpy as np
from jaxtyping import Bool, Float

from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.logistic import Logistic, fit_logistic
from toolkit.disentanglement.predictor.train_test import (
    PREDICTOR,
    PredictorSettings,
    label_and_part,
    standardise,
)
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError


def area_under_curve(scores: Float[Array, "n c"], truth: Bool[Array, "n c"]) -> Float[Array, " c"]:
    """Chance that a row of the class scores above one that is not; ties count half.

    >>> area_under_curve(np.array([[0.9], [0.1]]), np.array([[True], [False]]))
    array([1.])
    """
    from scipy.stats import rankdata

    yes = truth.sum(axis=0)
    no = len(truth) - yes
    above = (rankdata(scores, axis=0) * truth).sum(axis=0) - yes * (yes + 1) / 2
    return np.asarray(above / (yes * no))


def _mean_area(model: Logistic, codes: Array, factor: Array) -> float:
    """Mean area over the trained values that occur beside others in the test rows."""
    truth = factor[:, None] == model.classes
    defined = truth.any(axis=0) & ~truth.all(axis=0)
    if not defined.any():
        raise ToolkitError(
            f"the {len(factor)} test images leave no choice between values of a factor, so "
            "explicitness is undefined. Encode more images, or use split='in_sample'."
        )
    probability = np.exp(model.log_probabilities(codes))
    return float(area_under_curve(probability[:, defined], truth[:, defined]).mean())


def explicitness(
    codes: Codes, factors: Factors, settings: PredictorSettings = PREDICTOR, *, seed: int
) -> ScoreResult:
    """Mean area under the ROC curve, over factors and their values; 0.5 is chance, 1 is best.

    Multinomial logistic regression on standardised channels, one value against the rest. Values
    absent from the test rows are left out; constant channels carry nothing.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> in_sample = PredictorSettings(split="in_sample")
    >>> explicitness(grid.astype(float), grid, in_sample, seed=0).values["explicitness"]
    1.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: how rows are split into training and test rows.
        seed: of the held-out rows.

    Source: Ridgeway & Mozer (2018); protocol of Locatello et al. (2019).
    """
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    scaled, _ = standardise(data.codes, train=parts.train)
    train_codes, test_codes = scaled[parts.train], scaled[parts.test]
    train, test = [], []
    for factor in data.factors.T:
        model = fit_logistic(train_codes, factor[parts.train])
        train.append(_mean_area(model, train_codes, factor[parts.train]))
        test.append(_mean_area(model, test_codes, factor[parts.test]))
    return ScoreResult(
        values={
            "explicitness": float(np.mean(test)),
            "explicitness_train": float(np.mean(train)),
        },
        per_factor={"explicitness": np.array(test), "explicitness_train": np.array(train)},
        factors=data.kept,
        notes=data.notes,
    )
