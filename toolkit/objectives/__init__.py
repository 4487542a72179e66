"""What a member minimises. A row of the table is a frozen record of weights.

One scale for all: sums over pixels and over channels, nats, one value per image before any mean.
"""

from toolkit.objectives.annealed_vae import AnnealedVAE
from toolkit.objectives.beta_vae import BetaVAE
from toolkit.objectives.factor_vae import FactorVAE, discriminator_loss, permute_codes
from toolkit.objectives.likelihoods import LIKELIHOODS, Likelihood, bernoulli
from toolkit.objectives.objective import (
    Adversary,
    Answer,
    Codes,
    Consulted,
    Decay,
    Objective,
    Terms,
    Views,
    Weights,
    rate,
)
from toolkit.objectives.schedules import ramp

OBJECTIVES: dict[str, type[Objective]] = {
    "annealed_vae": AnnealedVAE,
    "beta_vae": BetaVAE,
    "factor_vae": FactorVAE,
}

__all__ = [
    "LIKELIHOODS",
    "OBJECTIVES",
    "Adversary",
    "AnnealedVAE",
    "Answer",
    "BetaVAE",
    "Codes",
    "Consulted",
    "Decay",
    "FactorVAE",
    "Likelihood",
    "Objective",
    "Terms",
    "Views",
    "Weights",
    "bernoulli",
    "discriminator_loss",
    "permute_codes",
    "ramp",
    "rate",
]
