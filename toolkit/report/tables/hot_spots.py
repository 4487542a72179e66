"""The tables of hot spots: one row per hot spot, and one per hot spot and factor."""

import numpy as np
import pandas as pd

from toolkit.report.findings.factors import matched_factors
from toolkit.report.intervals import interval_columns, nan_if_unknown
from toolkit.report.records import Findings


def hot_spots_table(findings: Findings) -> pd.DataFrame:
    """One row per hot spot, by rank, and after them those that are not claimed."""
    spots = (*findings.hot_spots, *findings.candidates)
    bits = [interval_columns("mean_bits", spot.bits_interval) for spot in spots]
    ends = [interval_columns("mean_nmi", spot.nmi_interval) for spot in spots]
    columns = {
        "hot_spot": [spot.rank for spot in spots],
        "claimed": [spot.claimed for spot in spots],
        "runs_found_in": [spot.members for spot in spots],
        "runs": [spot.runs for spot in spots],
        "channels": [len(spot.channels) for spot in spots],
        "runs_that_split_it": [len(spot.splits) for spot in spots],
        "mean_bits": [spot.mean_bits for spot in spots],
        "mean_bits_low": np.array([row["mean_bits_low"] for row in bits], float),
        "mean_bits_high": np.array([row["mean_bits_high"] for row in bits], float),
        "mean_nmi": [spot.mean_nmi for spot in spots],
        "mean_nmi_low": np.array([row["mean_nmi_low"] for row in ends], float),
        "mean_nmi_high": np.array([row["mean_nmi_high"] for row in ends], float),
        "smallest_nmi": [spot.smallest_nmi for spot in spots],
        "stability_images": [spot.stability.images for spot in spots],
        "stability_runs": np.array([nan_if_unknown(spot.stability.runs) for spot in spots], float),
        "stability_without_a_run": [spot.stability.without_a_run for spot in spots],
        "unsettled_channels": [
            " ".join(findings.channel_name(c) for c in spot.stability.unsettled) for spot in spots
        ],
        "share_of_random_axes": np.array([nan_if_unknown(spot.by_chance) for spot in spots], float),
        "factor": [spot.factor or "" for spot in spots],
        "factor_nmi": np.array([nan_if_unknown(spot.factor_nmi) for spot in spots], float),
        "joint_factors": [" ".join(spot.joint or ()) for spot in spots],
        "central_run": [findings.runs[spot.central[0]].name for spot in spots],
        "central_latent": [spot.central[1] for spot in spots],
    }
    return pd.DataFrame(columns)


def hot_spot_factors_table(findings: Findings) -> pd.DataFrame:
    """One row per hot spot and known factor: NMI with interval, by chance, and the matching."""
    matched = matched_factors(findings.hot_spots)
    rows = [
        {
            "hot_spot": spot.rank,
            "factor": match.name,
            "nmi": match.nmi,
            **interval_columns("nmi", match.interval),
            "nmi_by_chance": match.chance,
            "matched": matched.get(spot.rank) == match.name,
            "bits_beyond_first": spot.second.bits
            if spot.second is not None and spot.second.name == match.name
            else np.nan,
        }
        for spot in findings.hot_spots
        for match in sorted(spot.factors, key=lambda match: findings.factor_names.index(match.name))
    ]
    head = ["hot_spot", "factor", "nmi", "nmi_low", "nmi_high", "nmi_by_chance", "matched"]
    return pd.DataFrame(rows, columns=None if rows else [*head, "bits_beyond_first"])
