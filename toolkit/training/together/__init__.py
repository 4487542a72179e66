"""Members trained as one stack: one forward pass, one backward pass, one optimiser step for all."""

from toolkit.training.together.fit import fit_together
from toolkit.training.together.groups import groups

__all__ = ["fit_together", "groups"]
