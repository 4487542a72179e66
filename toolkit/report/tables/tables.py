"""Findings as tables.

Rows and columns have one order, and no cell depends on where or when it was computed.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from torch import Tensor

from toolkit.report.intervals import (
    RANKED_DIGITS,
    agreement_columns,
    interval_columns,
    nan_if_unknown,
)
from toolkit.report.recommendation import Confirmation
from toolkit.report.records import Findings
from toolkit.report.tables.fragments import fragments_table
from toolkit.report.tables.hot_spots import hot_spot_factors_table, hot_spots_table
from toolkit.report.tables.scores import (
    correlation_pairs_table,
    correlations_table,
    ranks_table,
    scores_table,
)
from toolkit.report.tables.setting_differences import setting_differences_table


def tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Every table under its file name without ending; units stand in the column names.

    `nmi` and `vi` are square, over the channels kept; their first column holds the names. `curves`
    has no rows where no hyper-parameter varies, `hot_spots` where there is no hot spot, `scores`
    and `score_ranks` where no record holds scores.
    """
    found = {
        "runs": runs_table(findings),
        "channels": channels_table(findings),
        "hot_spots": hot_spots_table(findings),
        "hot_spot_factors": hot_spot_factors_table(findings),
        "curves": curves_table(findings),
        "settings": settings_table(findings),
        "settings_compared": setting_differences_table(findings),
        "fragments": fragments_table(findings),
        "training": training_table(findings),
        "sizes": sizes_table(findings),
        "scores": scores_table(findings),
        "score_ranks": ranks_table(findings),
        "score_correlations": correlations_table(findings),
        "score_correlation_pairs": correlation_pairs_table(findings),
        "nmi": square_table(findings, findings.comparison.nmi),
        "vi": square_table(findings, findings.comparison.vi),
    }
    for table in found.values():
        numbers = table.select_dtypes("float").columns
        table[numbers] = table[numbers].round(RANKED_DIGITS) + 0.0  # no minus before a zero
    return found


def runs_table(findings: Findings) -> pd.DataFrame:
    """One row per run: settings, distortion, rate, bits, agreement, scores, key."""
    names = sorted({name for run in findings.runs for name in run.hyperparameters})
    rows = [
        {
            "run": run.name,
            "ensemble": run.ensemble,
            "data": run.data,
            "objective": run.objective,
            **{name: run.hyperparameters.get(name, np.nan) for name in names},
            "seed": run.seed,
            "distortion_nats": nan_if_unknown(run.distortion),
            "rate_nats": nan_if_unknown(run.rate),
            "channels_bits": summary.total_bits,
            "active_channels": summary.active,
            "corrected_agreement": nan_if_unknown(summary.corrected_agreement),
            **interval_columns("corrected_agreement", summary.corrected_agreement_interval),
            "agreement": summary.agreement,
            **interval_columns("agreement", summary.agreement_interval),
            "agreement_by_chance": nan_if_unknown(summary.agreement_by_chance),
            **_confirmed(findings.recommendation.of(summary.run)),
            "hot_spots": summary.hot_spots,
            **summary.udr,
            **{score.name: nan_if_unknown(score.values[summary.run]) for score in findings.scores},
            "key": run.key,
            "record": run.record,
        }
        for run, summary in zip(findings.runs, findings.summaries, strict=True)
    ]
    return pd.DataFrame(rows)


def _confirmed(found: Confirmation) -> dict[str, float]:
    return {
        "matched_share": found.matched,
        "matched_share_by_chance": nan_if_unknown(found.by_chance),
        "confirmed_bits": found.confirmed_bits,
        **interval_columns("confirmed_bits", found.interval),
    }


def settings_table(findings: Findings) -> pd.DataFrame:
    """One row per setting with two runs or more: what its runs confirm of one another."""
    rows = [
        {
            "setting": found.label,
            "runs": len(found.runs),
            "confirmed_bits": found.confirmed_bits,
            **interval_columns("confirmed_bits", found.interval),
        }
        for found in findings.recommendation.settings
    ]
    return pd.DataFrame(rows, columns=None if rows else ["setting", "runs", "confirmed_bits"])


def training_table(findings: Findings) -> pd.DataFrame:
    """One row per setting and step at which its runs kept their posteriors."""
    rows = [
        {
            "setting": point.setting,
            "step": point.step,
            "runs": point.runs,
            "bits_per_run": point.bits,
            **interval_columns("bits_per_run", point.interval),
            "active_channels": point.active,
        }
        for point in findings.course
    ]
    return pd.DataFrame(rows, columns=None if rows else ["setting", "step", "runs"])


def channels_table(findings: Findings) -> pd.DataFrame:
    """One row per channel: bits with interval and bound, hot spot, NMI with every factor."""
    factor_nmi = findings.comparison.label_nmi.numpy(force=True)
    rows = [
        {
            "run": findings.runs[channel.run].name,
            "latent": channel.latent,
            "information_bits": channel.bits,
            **interval_columns("information_bits", channel.interval),
            "upper_bound_bits": channel.upper,
            "saturated": channel.saturated,
            "doubled_bits": channel.doubled,
            "kept": channel.kept,
            "hot_spot": channel.hot_spot or "",
            "factor": channel.factor or "",
            "factor_nmi": np.nan if channel.factor_nmi is None else channel.factor_nmi,
            **{
                f"nmi_{name}": factor_nmi[position, column]
                for column, name in enumerate(findings.factor_names)
            },
        }
        for position, channel in enumerate(findings.channels)
    ]
    return pd.DataFrame(rows)


def curves_table(findings: Findings) -> pd.DataFrame:
    """One row per value of every hyper-parameter that varies: means with 95 % intervals."""
    numbers = {
        "distortion_nats": "distortion",
        "rate_nats": "rate",
        "channels_bits": "total_bits",
        "active_channels": "active",
        "hot_spots": "hot_spots",
    }
    rows = [
        {
            "objective": curve.objective,
            "parameter": curve.parameter,
            "fixed": curve.fixed,
            "joined": curve.joined,
            "value": point.value,
            "runs": len(point.runs),
            **{
                name: cell
                for column, number in numbers.items()
                for name, cell in {
                    column: nan_if_unknown(getattr(point, number)),
                    **interval_columns(column, getattr(point, f"{number}_interval")),
                }.items()
            },
            **agreement_columns(point.agreement),
        }
        for curve in findings.curves
        for point in curve.points
    ]
    columns = ["objective", "parameter", "fixed", "joined", "value", "runs"]
    columns += [f"{number}{end}" for number in numbers for end in ("", "_low", "_high")]
    columns += agreement_columns(None)
    return pd.DataFrame(rows, columns=columns)


def sizes_table(findings: Findings) -> pd.DataFrame:
    """One row per number of probe images: bits per run, agreement, bits and NMI of hot spots."""
    rows = [
        {
            "images": point.images,
            "bits_per_run": point.bits,
            **agreement_columns(point.agreement),
            **{f"hot_spot_{rank}_bits": bits for rank, bits in enumerate(point.spot_bits, start=1)},
            **{f"hot_spot_{rank}_nmi": nmi for rank, nmi in enumerate(point.spot_nmi, start=1)},
        }
        for point in findings.sizes
    ]
    columns = ["images", "bits_per_run", *agreement_columns(None)]
    return pd.DataFrame(rows, columns=None if rows else columns)


def square_table(findings: Findings, matrix: Tensor) -> pd.DataFrame:
    """A matrix over all channels as a table of the channels kept, names in the first column."""
    kept = findings.structure.kept
    names = [findings.channel_name(position) for position in kept.tolist()]
    values = matrix[kept][:, kept].numpy(force=True)
    square: Mapping[str, object] = dict(zip(names, values.T, strict=True))
    return pd.DataFrame({"channel": names, **square})
