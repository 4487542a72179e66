"""Findings as one HTML page, and a page of links beside it; nothing is computed here."""

from toolkit.report.page.figure_files import write_figures
from toolkit.report.page.gallery import HotSpotPictures, Traversal, posterior_overlap
from toolkit.report.page.links import StoreLinks, render_links
from toolkit.report.page.render import render

__all__ = [
    "HotSpotPictures",
    "StoreLinks",
    "Traversal",
    "posterior_overlap",
    "render",
    "render_links",
    "write_figures",
]
