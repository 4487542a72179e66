"""Strong generalisation: accuracy on values of another factor that training never saw.

Locatello et al. (2020), https://arxiv.org/abs/2002.02886
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge

from toolkit.disentanglement.downstream.learners import Classifier, classify
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.train_test import label_and_part
from toolkit.disentanglement.record import ScoreResult
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.errors import ToolkitError

LEAST = 2  # rows on either side of a shift


@dataclass(frozen=True, kw_only=True)
class GeneralisationSettings(ScoreSettings):
    """Settings of strong generalisation.

    Arguments:
        classifier: see `classify`.
        experiments: for each factor.
    """

    classifier: Classifier = "boosted"
    experiments: Annotated[int, Ge(1)] = 1


GENERALISATION = GeneralisationSettings()


def strong_generalisation(
    codes: Codes, factors: Factors, settings: GeneralisationSettings = GENERALISATION, *, seed: int
) -> ScoreResult:
    """1 less the accuracy under a shift of another factor over the accuracy without; low is good.

    For each factor and experiment, another factor is fixed at one value at random; the classifier
    is trained on the rows that have it and tested on the rows that have not. It is compared with
    one that is trained on as many rows drawn at random, and tested on the rest. 0 is no
    gap, 1 a total one; noise can make it negative.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
    >>> strong_generalisation(grid * 1.0, grid, seed=0).values["strong_generalisation_gap"]
    0.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values; at least two that vary.
        settings: the classifier, and the number of experiments.
        seed: of all draws.

    Source: Locatello et al. (2020).
    """
    data, _ = label_and_part(codes, factors, split="in_sample", seed=seed)
    count, rows = len(data.kept), len(data.codes)
    if count < 2:
        raise ToolkitError(
            "one factor varies, but a shift needs a second one. "
            "Choose images in which two factors vary."
        )
    generator = np.random.default_rng(seed)
    plain, shifted = np.zeros((2, count, settings.experiments))
    for factor in range(count):
        for experiment in range(settings.experiments):
            # Rows that have one value of another factor, with enough rows on either side
            other = data.factors[:, generator.choice([k for k in range(count) if k != factor])]
            size = np.bincount(other)
            possible = np.flatnonzero((size >= LEAST) & (rows - size >= LEAST))
            if not len(possible):
                raise ToolkitError(
                    f"no value of a factor occurs in {LEAST} of {rows} images and is missing in "
                    "as many, so no shift can be made. Encode more images."
                )
            inside = np.asarray(other == generator.choice(possible))
            # As many rows at random
            random = np.zeros(rows, dtype=bool)
            random[generator.permutation(rows)[: int(inside.sum())]] = True
            for accuracy, train in ((shifted, inside), (plain, random)):
                predicted = classify(
                    data.codes[train],
                    data.factors[train, factor],
                    data.codes[~train],
                    classifier=settings.classifier,
                    seed=seed,
                )
                accuracy[factor, experiment] = (predicted == data.factors[~train, factor]).mean()
    under_shift, without = shifted.mean(axis=1), plain.mean(axis=1)
    gap = 1 - np.divide(under_shift, without, out=np.ones_like(without), where=without > 0)
    return ScoreResult(
        values={
            "strong_generalisation_gap": float(gap.mean()),
            "accuracy": float(without.mean()),
            "accuracy_shifted": float(under_shift.mean()),
        },
        per_factor={"gap": gap, "accuracy": without, "accuracy_shifted": under_shift},
        factors=data.kept,
        notes=data.notes,
    )
