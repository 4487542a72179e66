"""Everything that a report says, computed once."""

from toolkit.report.findings.find import find

__all__ = ["find"]
