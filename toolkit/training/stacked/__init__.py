"""Members trained as one stack: one forward pass, one backward pass, one optimiser step for all."""

from toolkit.training.stacked.fit import fit_together
from toolkit.training.stacked.stack import groups

__all__ = ["fit_together", "groups"]
