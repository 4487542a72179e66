"""InfoE: how much of each factor a linear read-out of all channels recovers.

Hsu et al. (2023), https://arxiv.org/abs/2305.18378
"""

import numpy as np
from jaxtyping import Num

from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.logistic import fit_logistic
from toolkit.disentanglement.predictor.train_test import (
    PREDICTOR,
    Parts,
    PredictorSettings,
    label_and_part,
    standardise,
)
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError


def readable(codes: Num[Array, "n d"], *, parts: Parts) -> Num[Array, "n e"]:
    """Standardised channels; channels of symbols become one column per symbol.

    >>> from toolkit.disentanglement.predictor.train_test import part_rows
    >>> readable(np.array([[3], [5]]), parts=part_rows(2, split="in_sample", seed=0))
    array([[1., 0.],
           [0., 1.]])
    """
    if codes.dtype.kind != "i":
        return standardise(codes, train=parts.train)[0]
    return np.concatenate(
        [(column[:, None] == np.unique(column[parts.train])) * 1.0 for column in codes.T], axis=1
    )


def infoe_classification(
    codes: Codes, factors: Factors, settings: PredictorSettings = PREDICTOR, *, seed: int
) -> ScoreResult:
    """Share of the cross-entropy of a blind guess that a linear classifier saves; at most 1.

    Unpenalised, class-balanced multinomial regression of at most 100 iterations; the blind guess is
    even over values, log(values) nats. Held out it can be negative; published in-sample.
    Codes of integers are symbols and enter as one column per symbol.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> in_sample = PredictorSettings(split="in_sample")
    >>> infoe_classification(grid, grid, in_sample, seed=0).values["infoe"] > 0.99
    True

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: how rows are split into training and test rows; published in-sample.
        seed: of the held-out rows.

    Source: Hsu et al. (2023).
    """
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    columns = readable(data.codes, parts=parts)
    saved, nats = [], []
    for column, factor in zip(data.kept, data.factors.T, strict=True):
        model = fit_logistic(columns[parts.train], factor[parts.train], penalty=0.0, balanced=True)
        # Values seen in training
        known = parts.test[np.isin(factor[parts.test], model.classes)]
        if len(model.classes) < 2 or not len(known):
            raise ToolkitError(
                f"too few images to learn factor {column}: {len(parts.train)} training and "
                f"{len(parts.test)} test images share no choice of values. Encode more "
                "images, or use split='in_sample'."
            )
        # Cross-entropy against chance
        right = np.searchsorted(model.classes, factor[known])
        cross_entropy = -model.log_probabilities(columns[known])[
            np.arange(len(known)), right
        ].mean()
        nats.append(cross_entropy)
        saved.append(1 - cross_entropy / np.log(len(model.classes)))
    return ScoreResult(
        values={"infoe": float(np.mean(saved))},
        per_factor={"infoe": np.array(saved), "cross_entropy_nats": np.array(nats)},
        factors=data.kept,
        notes=data.notes,
    )


def infoe_regression(
    codes: Codes, factors: Factors, settings: PredictorSettings = PREDICTOR, *, seed: int
) -> ScoreResult:
    """Mean over factors of R^2 of a linear regression on all channels; at most 1.

    Values of a factor count as numbers. Held out it can be negative; published in-sample.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> in_sample = PredictorSettings(split="in_sample")
    >>> round(infoe_regression(grid, grid, in_sample, seed=0).values["infoe_r2"], 9)
    1.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: how rows are split into training and test rows; published in-sample.
        seed: of the held-out rows.

    Source: Hsu et al. (2023).
    """
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    columns = np.column_stack([np.ones(len(data.codes)), readable(data.codes, parts=parts)])
    # Least squares
    weights = np.linalg.lstsq(columns[parts.train], data.factors[parts.train], rcond=None)[0]
    # Share explained
    error = np.square(data.factors - columns @ weights)[parts.test].mean(axis=0)
    spread = data.factors[parts.test].var(axis=0)
    if not (spread > 0).all():
        raise ToolkitError(
            f"a factor takes one value on the {len(parts.test)} test images, so R^2 is "
            "undefined. Encode more images, or use split='in_sample'."
        )
    explained = 1 - error / spread
    return ScoreResult(
        values={"infoe_r2": float(explained.mean())},
        per_factor={"infoe_r2": explained},
        factors=data.kept,
        notes=data.notes,
    )
