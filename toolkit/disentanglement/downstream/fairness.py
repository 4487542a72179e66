"""Unfairness: do predictions of one factor change with another that should not matter?

Locatello et al. (2019), "On the fairness of disentangled representations",
https://arxiv.org/abs/1905.13662
"""

import numpy as np
from jaxtyping import Float, Num

from toolkit.disentanglement.downstream.learners import Classifier, answer
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.train_test import Split, label_and_part
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError


def group_distances(counts: Num[Array, "s y"]) -> tuple[Float[Array, " s"], float, float]:
    """Total variation of each group's predictions from everybody's, its mean by size, its maximum.

    >>> group_distances(np.array([[2, 0], [0, 2]]))[1:]
    (0.5, 0.5)

    Arguments:
        counts: how often value y was predicted in group s; no group empty.
    """
    size = counts.sum(axis=1)
    everybody = counts.sum(axis=0) / size.sum()
    apart = np.abs(counts / size[:, None] - everybody).sum(axis=1) / 2
    return apart, float(apart @ size / size.sum()), float(apart.max())


def fairness(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    classifier: Classifier = "boosted",
    split: Split = "held_out",
) -> ScoreResult:
    """Mean total variation between predictions in a group and overall; 0 is fair, at most 1.

    Every factor in turn is predicted, every other one is sensitive; groups are its values among
    the rows asked about. `unfairness` is the mean over pairs of the mean over groups by size,
    `unfairness_worst` the mean over pairs of the worst group. Small groups differ by
    chance: compare values only at equal numbers of images.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
    >>> fairness(grid * 1.0, grid, seed=0, split="in_sample").values["unfairness"]
    0.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values; at least two that vary.
        seed: of held-out rows and ties.
        classifier: "boosted", "logistic" or "logistic_cv".
        split: "held_out", "in_sample", or how many last rows to ask about.

    Source: Locatello et al. (2019b).
    """
    data, parts = label_and_part(codes, factors, split=split, seed=seed)
    count = len(data.kept)
    if count < 2:
        raise ToolkitError(
            "one factor varies, but fairness needs one to predict and another that is sensitive. "
            "Choose images in which two factors vary."
        )
    mean, worst = np.zeros((2, count, count))
    for target in range(count):
        named = answer(
            data.codes[parts.train],
            data.factors[parts.train, target],
            data.codes[parts.test],
            classifier=classifier,
            seed=seed,
        )
        for sensitive in set(range(count)) - {target}:
            groups = data.factors[parts.test, sensitive]
            table = np.zeros((data.sizes[sensitive], data.sizes[target]))
            np.add.at(table, (groups, named), 1)
            _, *both = group_distances(table[table.sum(axis=1) > 0])
            mean[target, sensitive], worst[target, sensitive] = both
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
