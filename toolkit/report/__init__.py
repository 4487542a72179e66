"""From the posteriors of many runs to a page: findings, tables, HTML.

`find` computes everything once; `tables`, `metrics` and `render` only write it down.
"""

from toolkit.report.findings import find
from toolkit.report.records import Channel, Curve, CurvePoint, Findings, HotSpot, RunSummary
from toolkit.report.render import render
from toolkit.report.runs import ComparedRun
from toolkit.report.tables import metrics, tables

__all__ = [
    "Channel",
    "ComparedRun",
    "Curve",
    "CurvePoint",
    "Findings",
    "HotSpot",
    "RunSummary",
    "find",
    "metrics",
    "render",
    "tables",
]
