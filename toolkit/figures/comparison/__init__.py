"""Figures of a comparison: bits, structure, curves, fragments, trust, correlations of scores."""

from toolkit.figures.comparison.bits import draw_bits
from toolkit.figures.comparison.correlations import draw_rank_correlations
from toolkit.figures.comparison.curves import draw_curve, draw_training, draw_training_trajectory
from toolkit.figures.comparison.fragments import Block, draw_fragments
from toolkit.figures.comparison.structure import draw_structure
from toolkit.figures.comparison.trust import draw_trust

__all__ = [
    "Block",
    "draw_bits",
    "draw_curve",
    "draw_fragments",
    "draw_rank_correlations",
    "draw_structure",
    "draw_training",
    "draw_training_trajectory",
    "draw_trust",
]
