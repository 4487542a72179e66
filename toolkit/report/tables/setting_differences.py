"""The differences between settings as a table."""

import pandas as pd

from toolkit.report.intervals import interval_columns
from toolkit.report.records import Findings

COLUMNS = (
    "measure", "first", "second", "difference", "difference_low", "difference_high",
    "over_images", "p_value", "p_holm", "differs",
)  # fmt: skip


def setting_differences_table(findings: Findings) -> pd.DataFrame:
    """One row per measure and two settings: bits, or corrected agreement, first minus second."""
    rows = [
        {
            "measure": found.measure.replace(" ", "_"),
            "first": findings.settings[found.first].label,
            "second": findings.settings[found.second].label,
            "difference": found.difference,
            **interval_columns("difference", found.interval),
            "over_images": found.over_images,
            "p_value": found.p_value,
            "p_holm": found.p_holm,
            "differs": found.differs,
        }
        for found in findings.setting_differences
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
