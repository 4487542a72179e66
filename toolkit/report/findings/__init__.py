"""Everything that a report says, computed once."""

from toolkit.report.findings.compare_runs import find

__all__ = ["find"]
