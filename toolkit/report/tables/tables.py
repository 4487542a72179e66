"""Findings as tables.

Rows and columns have one order, and nothing in them depends on where or when they were made.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from torch import Tensor

from toolkit.report.records import ALIKE, Findings
from toolkit.report.tables.cells import ends, unknown
from toolkit.report.tables.scores import correlations_table, ranks_table, scores_table
from toolkit.report.tables.sizes import sizes_table


def tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Every table under its file name without ending; units stand in the heads.

    `nmi` and `vi` are square, over the channels kept; their first column holds the names. Where
    nothing varies `curves` has no rows, so has `hot_spots` where nothing is found again, and so
    have `scores` and `score_ranks` where no record holds any.
    """
    made = {
        "runs": _runs(findings),
        "channels": _channels(findings),
        "hot_spots": _hot_spots(findings),
        "curves": _curves(findings),
        "sizes": sizes_table(findings),
        "scores": scores_table(findings),
        "score_ranks": ranks_table(findings),
        "score_correlations": correlations_table(findings),
        "nmi": _square(findings, findings.comparison.nmi),
        "vi": _square(findings, findings.comparison.vi),
    }
    return {name: _rounded(table) for name, table in made.items()}


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Nine digits after the point, and no minus before a zero: what rounding made does not show."""
    numbers = table.select_dtypes("float").columns
    table[numbers] = table[numbers].round(ALIKE) + 0.0
    return table


def _runs(findings: Findings) -> pd.DataFrame:
    names = sorted({name for run in findings.runs for name in run.hyperparameters})
    rows = [
        {
            "run": run.name,
            "ensemble": run.ensemble,
            "data": run.data,
            "objective": run.objective,
            **{name: run.hyperparameters.get(name, np.nan) for name in names},
            "seed": run.seed,
            "distortion_nats": unknown(run.distortion),
            "rate_nats": unknown(run.rate),
            "channels_bits": summary.total_bits,
            "active_channels": summary.active,
            "agreement": summary.agreement,
            **ends("agreement", summary.agreement_span),
            "confirmed_bits": summary.confirmed_bits,
            "hot_spots": summary.hot_spots,
            **summary.udr,
            **{score.name: unknown(score.values[summary.run]) for score in findings.scores},
            "key": run.key,
            "record": run.record,
        }
        for run, summary in zip(findings.runs, findings.summaries, strict=True)
    ]
    return pd.DataFrame(rows)


def _channels(findings: Findings) -> pd.DataFrame:
    factor_nmi = findings.comparison.label_nmi.numpy(force=True)
    rows = [
        {
            "run": findings.runs[channel.run].name,
            "latent": channel.latent,
            "information_bits": channel.bits,
            **ends("information_bits", channel.span),
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


def _hot_spots(findings: Findings) -> pd.DataFrame:
    spans = [ends("mean_nmi", spot.nmi_span) for spot in findings.hot_spots]
    columns = {
        "hot_spot": [spot.rank for spot in findings.hot_spots],
        "runs_found_in": [spot.members for spot in findings.hot_spots],
        "runs": [spot.runs for spot in findings.hot_spots],
        "channels": [len(spot.channels) for spot in findings.hot_spots],
        "mean_bits": [spot.mean_bits for spot in findings.hot_spots],
        "mean_nmi": [spot.mean_nmi for spot in findings.hot_spots],
        "mean_nmi_low": _column(spans, "mean_nmi_low"),
        "mean_nmi_high": _column(spans, "mean_nmi_high"),
        "factor": [spot.factor or "" for spot in findings.hot_spots],
        "factor_nmi": np.array([spot.factor_nmi for spot in findings.hot_spots], float),
        "central_run": [findings.runs[spot.central[0]].name for spot in findings.hot_spots],
        "central_latent": [spot.central[1] for spot in findings.hot_spots],
    }
    return pd.DataFrame(columns)


def _column(rows: Sequence[Mapping[str, float]], name: str) -> Float[np.ndarray, " r"]:
    return np.array([row[name] for row in rows], float)


def _curves(findings: Findings) -> pd.DataFrame:
    points = [(curve, point) for curve in findings.curves for point in curve.points]
    columns = {
        "objective": [curve.objective for curve, _ in points],
        "parameter": [curve.parameter for curve, _ in points],
        "value": [point.value for _, point in points],
        "runs": [len(point.runs) for _, point in points],
        "distortion_nats": np.array([point.distortion for _, point in points], float),
        "rate_nats": np.array([point.rate for _, point in points], float),
        "channels_bits": [point.total_bits for _, point in points],
        "active_channels": [point.active for _, point in points],
        "agreement": np.array([point.agreement for _, point in points], float),
        "hot_spots": [point.hot_spots for _, point in points],
    }
    return pd.DataFrame(columns)


def _square(findings: Findings, matrix: Tensor) -> pd.DataFrame:
    kept = findings.structure.kept
    names = [findings.channel_name(position) for position in kept.tolist()]
    values = matrix[kept][:, kept].numpy(force=True)
    square: Mapping[str, object] = dict(zip(names, values.T, strict=True))
    return pd.DataFrame({"channel": names, **square})
