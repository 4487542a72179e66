"""Unfairness: do predictions of one factor change with another that should not matter?

Locatello et al. (2019), "On the fairness of disentangled representations",
https://arxiv.org/abs/1905.13662
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Num

from toolkit.disentanglement.downstream.learners import Classifier, classify
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.train_test import PredictorSettings, label_and_part
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True)
class FairnessSettings(PredictorSettings):
    """Settings of unfairness.

    Arguments:
        split: see `PredictorSettings`.
        classifier: see `classify`.
    """

    classifier: Classifier = "boosted"


FAIRNESS = FairnessSettings()


def group_distances(counts: Num[Array, "s y"]) -> tuple[Float[Array, " s"], float, float]:
    """Total variation of each group's predictions from all, its mean by size, its maximum.

    >>> group_distances(np.array([[2, 0], [0, 2]]))[1:]
    (0.5, 0.5)

    Arguments:
        counts: how often value y was predicted in group s; no group empty.
    """
    size = counts.sum(axis=1)
    overall = counts.sum(axis=0) / size.sum()
    variation = np.abs(counts / size[:, None] - overall).sum(axis=1) / 2
    return variation, float(variation @ size / size.sum()), float(variation.max())


def fairness(
    codes: Codes, factors: Factors, settings: FairnessSettings = FAIRNESS, *, seed: int
) -> ScoreResult:
    """Mean total variation between predictions in a group and overall; 0 is fair, at most 1.

    Every factor in turn is predicted, every other one is sensitive; groups are its values among
    the test rows. `unfairness` is the mean over pairs of the mean over groups by size,
    `unfairness_worst` the mean over pairs of the worst group. Small groups differ by
    chance: compare values only at equal numbers of images.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
    >>> in_sample = FairnessSettings(split="in_sample")
    >>> fairness(grid * 1.0, grid, in_sample, seed=0).values["unfairness"]
    0.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values; at least two that vary.
        settings: the classifier, and how rows are split.
        seed: of held-out rows and ties.

    Source: Locatello et al. (2019b).
    """
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    count = len(data.kept)
    if count < 2:
        raise ToolkitError(
            "one factor varies, but fairness needs one to predict and another that is sensitive. "
            "Choose images in which two factors vary."
        )
    mean, worst = np.zeros((2, count, count))
    for target in range(count):
        # Predict the target
        predicted = classify(
            data.codes[parts.train],
            data.factors[parts.train, target],
            data.codes[parts.test],
            classifier=settings.classifier,
            seed=seed,
        )
        # Predictions by sensitive group
        for sensitive in set(range(count)) - {target}:
            groups = data.factors[parts.test, sensitive]
            table = np.zeros((data.sizes[sensitive], data.sizes[target]))
            np.add.at(table, (groups, predicted), 1)
            _, mean[target, sensitive], worst[target, sensitive] = group_distances(
                table[table.sum(axis=1) > 0]
            )
    # Mean over pairs
    pairs = count - 1
    return ScoreResult(
        values={
            "unfairness": float(mean.sum() / (count * pairs)),
            "unfairness_worst": float(worst.sum() / (count * pairs)),
        },
        per_factor={
            "as_target": mean.sum(axis=1) / pairs,
            "as_sensitive": mean.sum(axis=0) / pairs,
        },
        matrices={"mean": mean, "worst": worst},
        factors=data.kept,
        notes=data.notes,
    )
