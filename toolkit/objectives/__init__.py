"""What a member minimises. A row of the table is a frozen record of weights.

One scale for all: sums over pixels and over channels, nats, one value per image before any mean.
"""

from toolkit.objectives.annealed_vae import AnnealedVAE
from toolkit.objectives.autoencoders import QLAE, from_means
from toolkit.objectives.beta_vae import BetaVAE
from toolkit.objectives.factor_vae import FactorVAE, discriminator_loss, permute_codes
from toolkit.objectives.groups import GVAE, MLVAE, TVAE, AdaGVAE, AdaMLVAE
from toolkit.objectives.likelihoods import (
    LIKELIHOODS,
    Bernoulli,
    Blurred,
    ContinuousBernoulli,
    Gaussian,
    Laplace,
    Likelihood,
    bernoulli,
)
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
from toolkit.objectives.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Cyclic,
    Delayed,
    Linear,
    Number,
    Schedule,
    Weight,
    ramp,
    schedule_as_json,
    schedule_from_json,
    value_at,
)

OBJECTIVES: dict[str, type[Objective]] = {
    "ada_gvae": AdaGVAE,
    "ada_ml_vae": AdaMLVAE,
    "annealed_vae": AnnealedVAE,
    "beta_vae": BetaVAE,
    "factor_vae": FactorVAE,
    "gvae": GVAE,
    "ml_vae": MLVAE,
    "qlae": QLAE,
    "tvae": TVAE,
}

__all__ = [
    "GVAE",
    "LIKELIHOODS",
    "MLVAE",
    "OBJECTIVES",
    "QLAE",
    "SCHEDULES",
    "TVAE",
    "AdaGVAE",
    "AdaMLVAE",
    "Adversary",
    "AnnealedVAE",
    "Answer",
    "Bernoulli",
    "BetaVAE",
    "Blurred",
    "Codes",
    "Constant",
    "Consulted",
    "ContinuousBernoulli",
    "Cosine",
    "Cyclic",
    "Decay",
    "Delayed",
    "FactorVAE",
    "Gaussian",
    "Laplace",
    "Likelihood",
    "Linear",
    "Number",
    "Objective",
    "Schedule",
    "Terms",
    "Views",
    "Weight",
    "Weights",
    "bernoulli",
    "discriminator_loss",
    "from_means",
    "permute_codes",
    "ramp",
    "rate",
    "schedule_as_json",
    "schedule_from_json",
    "value_at",
]
