"""Figures of a comparison: bits, structure, curves, trust, and how scores go together."""

from toolkit.figures.comparison.bits import draw_bits
from toolkit.figures.comparison.correlations import draw_rank_correlations
from toolkit.figures.comparison.curves import draw_course, draw_curve, draw_training
from toolkit.figures.comparison.structure import draw_structure
from toolkit.figures.comparison.trust import draw_trust

__all__ = [
    "draw_bits",
    "draw_course",
    "draw_curve",
    "draw_rank_correlations",
    "draw_structure",
    "draw_training",
    "draw_trust",
]
