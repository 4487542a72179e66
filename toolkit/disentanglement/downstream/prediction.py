"""Downstream accuracy: what a classifier makes of the codes with few and with many labels.

Locatello et al. (2019), https://arxiv.org/abs/1811.12359
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, MinLen

from toolkit.disentanglement.downstream.learners import Classifier, classify
from toolkit.disentanglement.inputs import Codes, Factors
from toolkit.disentanglement.predictor.boosting import boost
from toolkit.disentanglement.predictor.train_test import PredictorSettings, label_and_part
from toolkit.disentanglement.record import ScoreResult
from toolkit.errors import ToolkitError

LABELS = (10, 100, 1_000, 10_000)


@dataclass(frozen=True, kw_only=True)
class DownstreamSettings(PredictorSettings):
    """Settings of downstream accuracy.

    Arguments:
        split: see `PredictorSettings`.
        classifier: see `classify`.
        labels: numbers of labelled images, the first of the training rows.
    """

    classifier: Classifier = "boosted"
    labels: Annotated[tuple[Annotated[int, Ge(1)], ...], MinLen(1)] = LABELS


@dataclass(frozen=True, kw_only=True)
class ReducedDownstreamSettings(PredictorSettings):
    """Settings of the reduced downstream task.

    Arguments:
        split: see `PredictorSettings`.
        removed: channels taken away for each factor.
    """

    removed: Annotated[int, Ge(1)] = 1


DOWNSTREAM = DownstreamSettings()
REDUCED_DOWNSTREAM = ReducedDownstreamSettings()


def downstream(
    codes: Codes, factors: Factors, settings: DownstreamSettings = DOWNSTREAM, *, seed: int
) -> ScoreResult:
    """Accuracy of predicting each factor from the codes, at several numbers of labels; 0 to 1.

    `downstream` is the mean over factors at the largest number there are rows for; numbers beyond
    that are left out. `efficiency` is the accuracy at the smallest number over the largest.

    >>> grid = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
    >>> downstream(grid * 1.0, grid, DownstreamSettings(labels=(20,)), seed=0).values["downstream"]
    1.0

    Arguments:
        codes: (n, d).
        factors: (n, k), indices of values.
        settings: the classifier, the numbers of labels, and how rows are split.
        seed: of rows, ties and folds.

    Source: Locatello et al. (2019).
    """
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    used = sorted({count for count in settings.labels if count <= len(parts.train)})
    if not used:
        raise ToolkitError(
            f"{len(parts.train)} training images are fewer than every one of the numbers of "
            f"labels {list(settings.labels)}. Encode more images, or use fewer labels."
        )
    order = np.random.default_rng(seed).permutation(parts.train)
    table = np.empty((len(used), len(data.kept)))
    for row, count in enumerate(used):
        train = order[:count]
        for k, factor in enumerate(data.factors.T):
            predicted = classify(
                data.codes[train],
                factor[train],
                data.codes[parts.test],
                classifier=settings.classifier,
                seed=seed,
            )
            table[row, k] = (predicted == factor[parts.test]).mean()
    mean = table.mean(axis=1)
    skipped = [str(count) for count in settings.labels if count not in used]
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
    settings: ReducedDownstreamSettings = REDUCED_DOWNSTREAM,
    *,
    seed: int,
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
        settings: how many channels are taken away, and how rows are split.
        seed: of held-out rows and ties.

    Source: the reduced downstream task of disentanglement_lib, Locatello et al. (2019).
    """
    data, parts = label_and_part(codes, factors, split=settings.split, seed=seed)
    channels, count = data.codes.shape[1], len(data.kept)
    if settings.removed >= channels:
        raise ToolkitError(
            f"`removed` is {settings.removed}, but the member has {channels} channels. "
            "Leave at least one."
        )
    train, test = data.codes[parts.train], data.codes[parts.test]
    labels, truth = data.factors[parts.train].T, data.factors[parts.test].T
    # Accuracies with all channels
    whole = [boost(train, factor, seed=seed) for factor in labels]
    before = np.array([(m.predict(test) == t).mean() for m, t in zip(whole, truth, strict=True)])
    # Accuracies without a set of channels; factors often share their best channel
    without: dict[tuple[int, ...], list[float]] = {}
    after = np.empty((count, count))
    for target in range(count):
        order = np.argsort(-whole[target].importances, kind="stable")
        kept = np.sort(order[settings.removed :])
        if tuple(kept) not in without:
            models = [boost(train[:, kept], factor, seed=seed) for factor in labels]
            without[tuple(kept)] = [
                float((model.predict(test[:, kept]) == factor).mean())
                for model, factor in zip(models, truth, strict=True)
            ]
        after[target] = without[tuple(kept)]
    # Diagonal: lost on the factor whose channels went
    lost = before - after
    own_loss = np.diag(lost)
    others = (lost.sum(axis=1) - own_loss) / max(count - 1, 1)
    return ScoreResult(
        values={
            "reduced_downstream": float((own_loss - others).mean()),
            "own_lost": float(own_loss.mean()),
            "others_lost": float(others.mean()),
            "accuracy": float(before.mean()),
        },
        per_factor={"accuracy": before, "own_lost": own_loss, "others_lost": others},
        matrices={"accuracy_without": after},
        factors=data.kept,
        notes=data.notes,
    )
