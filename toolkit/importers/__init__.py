"""Models that other programs trained, read as members."""

from toolkit.importers.disvae import load_disvae
from toolkit.importers.foreign import ForeignMember

__all__ = ["ForeignMember", "load_disvae"]
