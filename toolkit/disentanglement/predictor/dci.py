"""Disentanglement, completeness, informativeness, from the importances of four learners.

Eastwood & Williams (2018), https://openreview.net/forum?id=By-7dz-AZ
"""

import numpy as np
from jaxtyping import Float

from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.importances import BoostedTrees, FactorFit, Learner
from toolkit.disentanglement.predictor.train_test import label_and_part
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError

BOOSTED_TREES = BoostedTrees()
FLOOR = 1e-11  # added to importances, as published, so that a silent channel spreads evenly


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
    codes: Codes, factors: Factors, settings: Learner = BOOSTED_TREES, *, seed: int
) -> ScoreResult:
    """Does each channel serve one factor (D), each factor need one channel (C), and how well (I)?

    Importances R of a model that predicts each factor from all channels. D is the mean over
    channels of 1 - H(R_i) / log k, C the mean over factors of 1 - H(R^j) / log d, each weighted by
    its share of R; I is the accuracy (R^2 for the lasso). 0 to 1, high is good.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> in_sample = BoostedTrees(split="in_sample")
    >>> dci(grid.astype(float), grid, in_sample, seed=0).values["disentanglement"] > 0.999
    True

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: the learner, with its settings.
        seed: of ties, of the forest, and of the held-out rows.

    Raises:
        ToolkitError: the lasso explains nothing of any factor, so its few weights are noise that
            looks concentrated.

    Source: Eastwood & Williams (2018); boosted trees after Locatello et al. (2019).
    """
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    fits = [settings.learn(data.codes, f, parts=parts, seed=seed) for f in data.factors.T]
    return combine_factors(fits, kept=data.kept, notes=data.notes)


def learn_factor(
    codes: Codes, factors: Factors, settings: Learner, *, factor: int, seed: int
) -> FactorFit:
    """The part of `dci` that learns one column of the factors."""
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    column = data.factors[:, data.kept.index(factor)]
    return settings.learn(data.codes, column, parts=parts, seed=seed)


def combine_factors(
    fits: list[FactorFit], *, kept: tuple[int, ...], notes: tuple[str, ...] = ()
) -> ScoreResult:
    """The score from what was learnt about each factor, in order; raises as `dci` does."""
    test = np.array([fit.test for fit in fits])
    if not any(fit.informative for fit in fits):
        raise ToolkitError(
            f"the lasso explains no factor better than noise would be (R² {test.max():.2g} at "
            "most on the test images), so the weights of channels mean nothing and DCI is "
            "undefined. Use `dci`, or leave the score out for this member."
        )
    importances = np.stack([fit.importances for fit in fits], axis=1)
    disentanglement, completeness = disentanglement_and_completeness(importances)
    train = np.array([fit.train for fit in fits])
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
