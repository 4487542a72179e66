"""Everything that a report says, computed once."""

from toolkit.report.findings.compare_runs import compare_runs

__all__ = ["compare_runs"]
