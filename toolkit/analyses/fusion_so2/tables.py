"""What the fusion of the circle's learners found, as tables, numbers and sentences."""

import itertools
import math
from dataclasses import dataclass

from toolkit.analyses.analysis import Metrics
from toolkit.analyses.fusion_so2 import CircleLearners
from toolkit.information import SizeStudy
from toolkit.late_types import DataFrame


@dataclass(frozen=True, kw_only=True)
class SizeRow:
    """Fused spaces of one similarity and ensemble size, over all repeats.

    Arguments:
        similarity: that they maximise.
        members: of the ensemble.
        repeats: how many there are.
        continuity: mean over the repeats.
        standard_error: of that mean; NaN for one repeat.
        deviation: of the repeats; NaN for one.
        reached: mean similarity.
        gain_of_last_tenth: mean similarity that the last tenth of the steps brought.
    """

    similarity: str
    members: int
    repeats: int
    continuity: float
    standard_error: float
    deviation: float
    reached: float
    gain_of_last_tenth: float


@dataclass(frozen=True, kw_only=True)
class RepeatRow:
    """The fused space of one similarity, ensemble size and repeat; fields as in `SizeRow`."""

    similarity: str
    members: int
    repeat: int
    continuity: float
    reached: float
    gain_of_last_tenth: float


def tables(study: SizeStudy, learners: CircleLearners) -> dict[str, DataFrame]:
    """Continuity against size with its error, every repeat by itself, and every learner.

    Arguments:
        study: of `study_sizes`.
        learners: those that were fused, a repeat's one after the other.
    """
    import pandas as pd

    repeat_rows = [
        RepeatRow(
            similarity=name,
            members=size,
            repeat=repeat,
            continuity=study.continuity[s, k, repeat].item(),
            reached=study.similarity[s, k, repeat].item(),
            gain_of_last_tenth=study.gain[s, k, repeat].item(),
        )
        for (s, name), (k, size) in _similarities_and_sizes(study)
        for repeat in range(study.continuity.shape[2])
    ]
    repeats, members = study.learners.shape
    learner_columns = {
        "repeat": [r for r in range(repeats) for _ in range(members)],
        "member": [*range(members)] * repeats,
        "distortion": learners.distortion.numpy(force=True),
        "rate_nats": learners.rate.numpy(force=True),
        "continuity": study.learners.flatten().numpy(force=True),
    }
    return {
        "continuity": pd.DataFrame(_size_rows(study)),
        "repeats": pd.DataFrame(repeat_rows),
        "learners": pd.DataFrame(learner_columns),
    }


def metrics(study: SizeStudy, learners: CircleLearners) -> Metrics:
    """Mean continuity by similarity and size, its error, and the learners' medians."""
    width = len(str(study.sizes[-1]))
    continuity: dict[str, dict[str, float]] = {}
    standard_error: dict[str, dict[str, float]] = {}
    for row in _size_rows(study):
        size = f"{row.members:0{width}}"
        for found, value in (
            (continuity, row.continuity),
            (standard_error, row.standard_error),  # NaN for one repeat
        ):
            if math.isfinite(value):
                found.setdefault(row.similarity, {})[size] = _short(value)
    return {
        "continuity": continuity,
        "standard_error": standard_error,
        "learners": {
            "continuity_median": _short(study.learners.median().item()),
            "distortion_mean": _short(learners.distortion.mean().item()),
            "rate_mean_nats": _short(learners.rate.mean().item()),
        },
    }


def sentences(study: SizeStudy) -> list[str]:
    """The findings in words."""
    single = study.learners.median().item()
    findings = [
        "Continuity is the largest distance of neighbouring points over the 90th percentile of "
        f"such distances; 1 is the best value. The median of single learners is {single:.3g}."
    ]
    means = study.continuity.mean(dim=2)
    for name, row in zip(study.similarities, means.tolist(), strict=True):
        findings.append(
            f"Fused by {name}: {row[0]:.3g} with {study.sizes[0]} members, {row[-1]:.3g} with "
            f"{study.sizes[-1]}."
        )
    return findings


def _size_rows(study: SizeStudy) -> list[SizeRow]:
    rows = []
    for (s, name), (k, size) in _similarities_and_sizes(study):
        values = study.continuity[s, k].double()
        repeats = len(values)
        deviation = values.std(correction=1).item() if repeats > 1 else math.nan
        rows.append(
            SizeRow(
                similarity=name,
                members=size,
                repeats=repeats,
                continuity=values.mean().item(),
                standard_error=deviation / math.sqrt(repeats),
                deviation=deviation,
                reached=study.similarity[s, k].mean().item(),
                gain_of_last_tenth=study.gain[s, k].mean().item(),
            )
        )
    return rows


def _similarities_and_sizes(
    study: SizeStudy,
) -> "itertools.product[tuple[tuple[int, str], tuple[int, int]]]":
    return itertools.product(enumerate(study.similarities), enumerate(study.sizes))


def _short(value: float) -> float:
    return float(f"{value:.9g}")
