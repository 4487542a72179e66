"""Downstream accuracy: what a classifier makes of the codes with few and with many labels.

Locatello et al. (2019), https://arxiv.org/abs/1811.12359
"""

from collections.abc import Sequence

import numpy as np

from toolkit.disentanglement.downstream.learners import Classifier, answer
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.boosting import boost
from toolkit.disentanglement.predictor.train_test import Split, label_and_part
from toolkit.disentanglement.record import ScoreResult
from toolkit.errors import ToolkitError

LABELS = (10, 100, 1_000, 10_000)


def downstream(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    classifier: Classifier = "boosted",
    labels: Sequence[int] = LABELS,
    split: Split = "held_out",
) -> ScoreResult:
    """Accuracy of predicting each factor from the codes, at several numbers of labels; 0 to 1.

    `downstream` is the mean over factors at the largest number there are rows for; numbers beyond
    that are left out. `efficiency` is the accuracy at the smallest number over the largest.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
    >>> downstream(grid * 1.0, grid, seed=0, labels=[20]).values["downstream"]
    1.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        seed: of rows, ties and folds.
        classifier: "boosted", "logistic" or "logistic_cv".
        labels: numbers of labelled images, the first of the training rows.
        split: "held_out", "in_sample", or how many last rows to ask about.

    Source: Locatello et al. (2019).
    """
    data, parts = label_and_part(codes, factors, split=split, seed=seed)
    used = sorted({count for count in labels if 0 < count <= len(parts.train)})
    if not used:
        raise ToolkitError(
            f"{len(parts.train)} images to learn from are fewer than every one of the numbers of "
            f"labels {list(labels)}. Encode more images, or ask for fewer labels."
        )
    order = np.random.default_rng(seed).permutation(parts.train)
    table = np.array(
        [
            [
                (
                    answer(
                        data.codes[order[:count]],
                        factor[order[:count]],
                        data.codes[parts.test],
                        classifier=classifier,
                        seed=seed,
                    )
                    == factor[parts.test]
                ).mean()
                for factor in data.factors.T
            ]
            for count in used
        ]
    )
    mean = table.mean(axis=1)
    skipped = [str(count) for count in labels if count not in used]
    notes = (f"too few images for {', '.join(skipped)} labels",) if skipped else ()
    return ScoreResult(
        values={
            "downstream": float(mean[-1]),
            "efficiency": float(mean[0] / mean[-1]) if mean[-1] > 0 else 0.0,
            **{f"mean/{count}": float(value) for count, value in zip(used, mean, strict=True)},
            **{f"min/{c}": float(v) for c, v in zip(used, table.min(axis=1), strict=True)},
        },
        per_factor={f"accuracy/{c}": row for c, row in zip(used, table, strict=True)},
        factors=data.kept,
        notes=data.notes + notes,
    )


def reduced_downstream(
    codes: Codes,
    factors: Factors,
    *,
    seed: int,
    removed: int = 1,
    split: Split = "held_out",
) -> ScoreResult:
    """Accuracy lost when a factor's most important channels are taken away; -1 to 1.

    For each factor, boosted trees name its `removed` most important channels; all factors are
    predicted again without them. `reduced_downstream` is the accuracy lost on the factor itself
    less the mean lost on the others: 1 where channels serve one factor each and no channel
    has a copy.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 30)
    >>> reduced_downstream(grid * 1.0, grid, seed=0).values["others_lost"]
    0.0

    Arguments:
        codes: (n, d), more channels than are removed.
        factors: (n, k), indices of values.
        seed: of held-out rows and ties.
        removed: channels taken away for each factor.
        split: "held_out", "in_sample", or how many last rows to ask about.

    Source: the reduced downstream task of disentanglement_lib, Locatello et al. (2019).
    """
    data, parts = label_and_part(codes, factors, split=split, seed=seed)
    channels, count = data.codes.shape[1], len(data.kept)
    if not 0 < removed < channels:
        raise ToolkitError(
            f"{removed} of {channels} channels were to be removed. Leave at least one, remove one."
        )
    learnt, asked = data.codes[parts.train], data.codes[parts.test]
    truth = data.factors[parts.test]
    whole = [boost(learnt, f, seed=seed) for f in data.factors[parts.train].T]
    before = np.array([(m.predict(asked) == t).mean() for m, t in zip(whole, truth.T, strict=True)])
    without: dict[tuple[int, ...], list[float]] = {}  # factors often share their best channel
    after = np.empty((count, count))
    for target in range(count):
        kept = np.sort(np.argsort(-whole[target].importances, kind="stable")[removed:])
        if tuple(kept) not in without:
            models = [boost(learnt[:, kept], f, seed=seed) for f in data.factors[parts.train].T]
            without[tuple(kept)] = [
                float((model.predict(asked[:, kept]) == labels).mean())
                for model, labels in zip(models, truth.T, strict=True)
            ]
        after[target] = without[tuple(kept)]
    lost = before - after
    own = np.diag(lost)
    others = (lost.sum(axis=1) - own) / max(count - 1, 1)
    return ScoreResult(
        values={
            "reduced_downstream": float((own - others).mean()),
            "own_lost": float(own.mean()),
            "others_lost": float(others.mean()),
            "accuracy": float(before.mean()),
        },
        per_factor={"accuracy": before, "own_lost": own, "others_lost": others},
        matrices={"accuracy_without": after},
        factors=data.kept,
        notes=data.notes,
    )
