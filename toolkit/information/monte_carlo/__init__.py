"""Information of whole latent spaces by sampling, with standard errors."""

from toolkit.information.monte_carlo.estimate import Estimate, full_space_information
from toolkit.information.monte_carlo.pairs import SpaceEstimates, estimate_spaces

__all__ = ["Estimate", "SpaceEstimates", "estimate_spaces", "full_space_information"]
