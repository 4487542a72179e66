"""Findings as one HTML page; nothing is computed here."""

from toolkit.report.page.render import render

__all__ = ["render"]
