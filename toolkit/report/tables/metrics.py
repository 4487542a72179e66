"""Findings as numbers for `dvc metrics`."""

import math
from statistics import fmean

from toolkit.report.findings.curves import mean_known
from toolkit.report.intervals import agreement_columns
from toolkit.report.records import Findings

_DIGITS = 6


def metrics(findings: Findings) -> dict[str, float | int | str]:
    """The comparison in a dozen numbers, and the mean of every score: finite, rounded, flat."""
    trusted = findings.recommendation.best
    spots = findings.hot_spots
    runs = len(findings.runs)
    numbers: dict[str, float | int] = {
        "runs": runs,
        "images": findings.images,
        "channels": len(findings.channels),
        "channels_kept": sum(channel.kept for channel in findings.channels),
        "hot_spots": len(spots),
        "groups_not_claimed": len(findings.candidates),
        "hot_spots_in_every_run": sum(spot.members == runs for spot in spots),
        "hot_spot_mean_bits": sum(spot.mean_bits for spot in spots) / max(len(spots), 1),
        **{
            name: value
            for name, value in agreement_columns(findings.agreement).items()
            if not math.isnan(value)
        },
        "runs_without_axes": len(findings.agreement.excluded),
        "saturated_channels": sum(channel.saturated for channel in findings.channels),
        "failed_runs": len(findings.failed),
        "mean_bits_per_run": sum(run.total_bits for run in findings.summaries) / runs,
        "confirmed_bits_per_run": fmean(
            [found.confirmed_bits for found in findings.recommendation.confirmations]
        ),
        "runs_like_the_best": len(findings.recommendation.rivals),
        **_known("mean_distortion_nats", mean_known([run.distortion for run in findings.runs])),
        **_known("mean_rate_nats", mean_known([run.rate for run in findings.runs])),
        **{f"scores/{score.name}": score.overall.mean for score in findings.scores},
    }
    rounded = {
        name: value if isinstance(value, int) else round(value, _DIGITS)
        for name, value in numbers.items()
    }
    return {**rounded, "best_run": "none" if trusted is None else findings.runs[trusted].name}


def _known(name: str, value: float | None) -> dict[str, float]:
    return {} if value is None else {name: value}
