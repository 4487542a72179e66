"""Findings as numbers for `dvc metrics`."""

from toolkit.report.records import Findings

_DIGITS = 6


def metrics(findings: Findings) -> dict[str, float | int | str]:
    """The comparison in a dozen numbers: finite, rounded, flat; for `dvc metrics show`."""
    trusted = findings.most_trusted
    spots = findings.hot_spots
    runs = len(findings.runs)
    numbers: dict[str, float | int] = {
        "runs": runs,
        "images": findings.images,
        "channels": len(findings.channels),
        "channels_kept": sum(channel.kept for channel in findings.channels),
        "hot_spots": len(spots),
        "hot_spots_in_every_run": sum(spot.members == runs for spot in spots),
        "hot_spot_mean_bits": sum(spot.mean_bits for spot in spots) / max(len(spots), 1),
        "agreement": findings.agreement,
        "mean_bits_per_run": sum(run.total_bits for run in findings.summaries) / runs,
        "mean_distortion_nats": sum(run.distortion for run in findings.runs) / runs,
        "mean_rate_nats": sum(run.rate for run in findings.runs) / runs,
        "best_agreement": trusted.agreement,
    }
    rounded = {
        name: value if isinstance(value, int) else round(value, _DIGITS)
        for name, value in numbers.items()
    }
    return {**rounded, "best_run": findings.runs[trusted.run].name}
