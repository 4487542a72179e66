"""Scores as tables: means with intervals, ranks of the runs, and rank correlations."""

import pandas as pd

from toolkit.report.records import Findings
from toolkit.report.scores.records import ScoreMean, ScoreSummary
from toolkit.report.tables.cells import ends, unknown

EVERY = "all runs"
_COLUMNS = ("score", "setting", "runs", "mean", "mean_low", "mean_high")
_ABOUT = ("good", "range_low", "range_high", "best_run")


def scores_table(findings: Findings) -> pd.DataFrame:
    """For each score a row over all runs, then one for each setting: mean and 95 % interval."""
    rows = [
        _row(score, label, mean, findings)
        for score in findings.scores
        for label, mean in _means(score, findings)
        if mean is not None
    ]
    return pd.DataFrame(rows, columns=[*_COLUMNS, *_ABOUT])


def _means(score: ScoreSummary, findings: Findings) -> list[tuple[str, ScoreMean | None]]:
    labels = [setting.label for setting in findings.settings]
    several = list(zip(labels, score.by_setting, strict=True)) if len(labels) > 1 else []
    return [(EVERY, score.overall), *several]


def _row(
    score: ScoreSummary, label: str, mean: ScoreMean, findings: Findings
) -> dict[str, str | float]:
    return {
        "score": score.name,
        "setting": label,
        "runs": len(mean.runs),
        "mean": mean.mean,
        **ends("mean", mean.span),
        "good": score.good,
        "range_low": unknown(score.low),
        "range_high": unknown(score.high),
        "best_run": "" if score.best is None else findings.runs[score.best].name,
    }


def ranks_table(findings: Findings) -> pd.DataFrame:
    """A row a run: its rank by every score that has a good end, 1 for the best."""
    ranked = [score for score in findings.scores if score.best is not None]
    columns: dict[str, object] = {"run": [run.name for run in findings.runs] if ranked else []}
    return pd.DataFrame(
        columns | {score.name: pd.array(score.ranks, dtype="Int64") for score in ranked}
    )


def correlations_table(findings: Findings) -> pd.DataFrame:
    """Spearman's rank correlation of every two numbers over the runs; the first column names."""
    found = findings.correlations
    values = {
        name: [unknown(value) for value in column]
        for name, column in zip(found.names, found.values, strict=True)
    }
    return pd.DataFrame({"number": list(found.names), **values})
