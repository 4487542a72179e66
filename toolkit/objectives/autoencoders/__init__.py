"""Objectives whose codes are entries of a code book, or points without noise."""

from toolkit.objectives.autoencoders.plain import AE
from toolkit.objectives.autoencoders.qlae import QLAE
from toolkit.objectives.autoencoders.scales import from_means

__all__ = ["AE", "QLAE", "from_means"]
