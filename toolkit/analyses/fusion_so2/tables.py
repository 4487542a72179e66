"""What the fusion of the circle's learners found, as tables, numbers and sentences."""

import itertools
import math
from typing import Any

import pandas as pd

from toolkit.analyses.fusion_so2 import CircleLearners
from toolkit.information import SizeStudy


def tables(study: SizeStudy, learners: CircleLearners) -> dict[str, pd.DataFrame]:
    """Continuity against size with its error, every repeat by itself, and every learner.

    Arguments:
        study: of `study_sizes`.
        learners: those that were fused, a repeat's one after the other.
    """
    return {
        "continuity": pd.DataFrame(_summary(study)),
        "repeats": pd.DataFrame(_repeats(study)),
        "learners": _learners(study, learners),
    }


def metrics(study: SizeStudy, learners: CircleLearners) -> dict[str, Any]:
    """Mean continuity by similarity and size, its error, and the learners' medians."""
    width = len(str(study.sizes[-1]))
    found: dict[str, Any] = {"continuity": {}, "standard_error": {}}
    for row in _summary(study):
        for name in found:
            value = row[name]
            if math.isfinite(value):  # one repeat has no error
                by_size = found[name].setdefault(row["similarity"], {})
                by_size[f"{row['members']:0{width}}"] = _short(value)
    found["learners"] = {
        "continuity_median": _short(study.learners.median().item()),
        "distortion_mean": _short(learners.distortion.mean().item()),
        "rate_mean_nats": _short(learners.rate.mean().item()),
    }
    return found


def sentences(study: SizeStudy) -> list[str]:
    """The findings in words."""
    single = study.learners.median().item()
    told = [
        "Continuity is the largest distance of neighbouring points over the 90th percentile of "
        f"such distances; 1 is the best value. The median of single learners is {single:.3g}."
    ]
    means = study.continuity.mean(dim=2)
    for name, row in zip(study.similarities, means.tolist(), strict=True):
        told.append(
            f"Fused by {name}: {row[0]:.3g} with {study.sizes[0]} members, {row[-1]:.3g} with "
            f"{study.sizes[-1]}."
        )
    return told


def _summary(study: SizeStudy) -> list[dict[str, Any]]:
    """A row for every similarity and size: mean over repeats, its standard error, the deviation."""
    rows = []
    for (s, name), (k, size) in _places(study):
        values = study.continuity[s, k].double()
        repeats = len(values)
        deviation = values.std(correction=1).item() if repeats > 1 else math.nan
        rows.append(
            {
                "similarity": name,
                "members": size,
                "repeats": repeats,
                "continuity": values.mean().item(),
                "standard_error": deviation / math.sqrt(repeats),
                "deviation": deviation,
                "reached": study.similarity[s, k].mean().item(),
                "gain_of_last_tenth": study.gain[s, k].mean().item(),
            }
        )
    return rows


def _repeats(study: SizeStudy) -> list[dict[str, Any]]:
    return [
        {
            "similarity": name,
            "members": size,
            "repeat": repeat,
            "continuity": study.continuity[s, k, repeat].item(),
            "reached": study.similarity[s, k, repeat].item(),
            "gain_of_last_tenth": study.gain[s, k, repeat].item(),
        }
        for (s, name), (k, size) in _places(study)
        for repeat in range(study.continuity.shape[2])
    ]


def _learners(study: SizeStudy, learners: CircleLearners) -> pd.DataFrame:
    repeats, members = study.learners.shape
    return pd.DataFrame(
        {
            "repeat": [r for r in range(repeats) for _ in range(members)],
            "member": [*range(members)] * repeats,
            "distortion": learners.distortion.numpy(force=True),
            "rate_nats": learners.rate.numpy(force=True),
            "continuity": study.learners.flatten().numpy(force=True),
        }
    )


def _places(study: SizeStudy) -> "itertools.product[tuple[tuple[int, str], tuple[int, int]]]":
    return itertools.product(enumerate(study.similarities), enumerate(study.sizes))


def _short(value: float) -> float:
    return float(f"{value:.9g}")
