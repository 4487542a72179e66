"""Findings as tables, and as numbers for `dvc metrics`."""

from toolkit.report.tables.metrics import metrics
from toolkit.report.tables.tables import tables

__all__ = ["metrics", "tables"]
