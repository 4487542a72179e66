"""Scores as tables: means with intervals, ranks of the runs, and rank correlations."""

import pandas as pd

from toolkit.report.intervals import interval_columns, nan_if_unknown
from toolkit.report.records import Findings

ALL_RUNS = "all runs"
COLUMNS = (
    "score",
    "setting",
    "runs",
    "mean",
    "mean_low",
    "mean_high",
    "good",
    "range_low",
    "range_high",
    "best_run",
)


def scores_table(findings: Findings) -> pd.DataFrame:
    """Per score one row over all runs, then one per setting: mean and 95 % interval."""
    labels = [setting.label for setting in findings.settings]
    rows = []
    for score in findings.scores:
        means = [(ALL_RUNS, score.overall)]
        if len(labels) > 1:
            by_setting = zip(labels, score.by_setting, strict=True)
            means += [(label, mean) for label, mean in by_setting if mean is not None]
        for label, mean in means:
            row = {
                "score": score.name,
                "setting": label,
                "runs": len(mean.runs),
                "mean": mean.mean,
                **interval_columns("mean", mean.interval),
                "good": score.good,
                "range_low": nan_if_unknown(score.low),
                "range_high": nan_if_unknown(score.high),
                "best_run": "" if score.best is None else findings.runs[score.best].name,
            }
            rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def ranks_table(findings: Findings) -> pd.DataFrame:
    """One row per run: its rank by every score with a good end, 1 for the best."""
    ranked = [score for score in findings.scores if score.ranked]
    columns: dict[str, object] = {"run": [run.name for run in findings.runs] if ranked else []}
    return pd.DataFrame(
        columns | {score.name: pd.array(score.ranks, dtype="Int64") for score in ranked}
    )


def correlations_table(findings: Findings) -> pd.DataFrame:
    """Spearman's rank correlation of every two numbers over the runs; names in the first column."""
    correlations = findings.correlations
    values = {
        name: [nan_if_unknown(value) for value in column]
        for name, column in zip(correlations.names, correlations.values, strict=True)
    }
    return pd.DataFrame({"number": list(correlations.names), **values})


def correlation_pairs_table(findings: Findings) -> pd.DataFrame:
    """One row per two numbers: their rank correlation with its 95 % interval, and the runs."""
    rows = [
        {
            "first": pair.first,
            "second": pair.second,
            "correlation": pair.value,
            **interval_columns("correlation", pair.interval),
            "runs": pair.runs,
        }
        for pair in findings.correlations.pairs
    ]
    columns = ["first", "second", "correlation", "correlation_low", "correlation_high", "runs"]
    return pd.DataFrame(rows, columns=columns)
