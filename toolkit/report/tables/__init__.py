"""Findings as tables, and as numbers for `dvc metrics`."""

from toolkit.report.tables.latex import write_latex
from toolkit.report.tables.metrics import metrics
from toolkit.report.tables.tables import tables
from toolkit.report.tables.write import write_tables

__all__ = ["metrics", "tables", "write_latex", "write_tables"]
