"""Strong generalisation: accuracy on values of another factor that training never saw.

Locatello et al. (2020), https://arxiv.org/abs/2002.02886
"""

import numpy as np
from jaxtyping import Int, Num

from toolkit.disentanglement.downstream.learners import Classifier, answer
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.train_test import label_and_part
from toolkit.disentanglement.record import Array, ScoreResult
from toolkit.errors import ToolkitError

LEAST = 2  # rows on either side


def strong_generalisation(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    classifier: Classifier = "boosted",
    experiments: int = 1,
) -> ScoreResult:
    """1 less the accuracy under a shift of another factor over the accuracy without; low is good.

    For each factor and experiment, another factor is fixed at one value at random; the classifier
    learns from the rows that have it and is asked about the rows that have not. It is compared with
    one that learnt from as many rows drawn at random, asked about the rest. 0 is no
    gap, 1 a total one; noise can make it negative.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
    >>> strong_generalisation(grid * 1.0, grid, seed=0).values["strong_generalisation_gap"]
    0.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values; at least two that vary.
        seed: of all draws.
        classifier: "boosted", "logistic" or "logistic_cv".
        experiments: for each factor.

    Source: Locatello et al. (2020).
    """
    data, _ = label_and_part(codes, factors, split="in_sample", seed=seed)
    count = len(data.kept)
    if count < 2 or experiments < 1:
        raise ToolkitError(
            f"{experiments} experiments with {count} varying factors were asked for; a shift needs "
            "a second factor and one experiment at least. Choose images in which two factors vary."
        )
    generator = np.random.default_rng(seed)
    plain, strong = np.zeros((2, count, experiments))
    for factor in range(count):
        for experiment in range(experiments):
            others = [k for k in range(count) if k != factor]
            fixed = int(generator.choice(others))
            inside = _inside(data.factors[:, fixed], generator)
            random = np.zeros(len(inside), dtype=bool)
            random[generator.permutation(len(inside))[: int(inside.sum())]] = True
            for result, learnt in ((strong, inside), (plain, random)):
                result[factor, experiment] = _accuracy(
                    data.codes, data.factors[:, factor], learnt, classifier, seed
                )
    shifted, usual = strong.mean(axis=1), plain.mean(axis=1)
    gap = 1 - np.divide(shifted, usual, out=np.ones_like(shifted), where=usual > 0)
    return ScoreResult(
        values={
            "strong_generalisation_gap": float(gap.mean()),
            "accuracy": float(usual.mean()),
            "accuracy_shifted": float(shifted.mean()),
        },
        per_factor={"gap": gap, "accuracy": usual, "accuracy_shifted": shifted},
        factors=data.kept,
        notes=data.notes,
    )


def _inside(factor: Int[Array, " n"], generator: np.random.Generator) -> Array:
    """Rows that have one value, drawn among the values with enough rows on either side."""
    count = np.bincount(factor)
    possible = np.flatnonzero((count >= LEAST) & (len(factor) - count >= LEAST))
    if not len(possible):
        raise ToolkitError(
            f"no value of a factor occurs in {LEAST} of {len(factor)} images and is missing in as "
            "many, so no shift can be made. Encode more images."
        )
    return np.asarray(factor == generator.choice(possible))


def _accuracy(
    codes: Num[Array, "n d"],
    factor: Int[Array, " n"],
    learnt: Array,
    classifier: Classifier,
    seed: int,
) -> float:
    named = answer(codes[learnt], factor[learnt], codes[~learnt], classifier=classifier, seed=seed)
    return float((named == factor[~learnt]).mean())
