"""What a member minimises. A row of the table is a frozen record of weights.

One scale for all: sums over pixels and over channels, nats, one value per image before any mean.
"""

from toolkit.objectives.annealed_vae import AnnealedVAE
from toolkit.objectives.autoencoders import AE, QLAE, VQVAE, BioAE, from_means
from toolkit.objectives.beta_tcvae import BetaTCVAE
from toolkit.objectives.beta_vae import BetaVAE
from toolkit.objectives.dip_vae import DIPVAE1, DIPVAE2
from toolkit.objectives.factor_vae import FactorVAE, discriminator_loss, permute_codes
from toolkit.objectives.groups import GVAE, MLVAE, TVAE, AdaGVAE, AdaMLVAE, AdaTVAE, OverlapTVAE
from toolkit.objectives.info_vae import InfoVAE
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
from toolkit.objectives.scales import gaussian_scale, laplace_scale, nats
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
from toolkit.objectives.vae import VAE

OBJECTIVES: dict[str, type[Objective]] = {
    "ada_gvae": AdaGVAE,
    "ada_ml_vae": AdaMLVAE,
    "ada_tvae": AdaTVAE,
    "ae": AE,
    "annealed_vae": AnnealedVAE,
    "beta_tcvae": BetaTCVAE,
    "beta_vae": BetaVAE,
    "bio_ae": BioAE,
    "dip_vae_i": DIPVAE1,
    "dip_vae_ii": DIPVAE2,
    "factor_vae": FactorVAE,
    "gvae": GVAE,
    "info_vae": InfoVAE,
    "ml_vae": MLVAE,
    "overlap_tvae": OverlapTVAE,
    "qlae": QLAE,
    "tvae": TVAE,
    "vae": VAE,
    "vq_vae": VQVAE,
}

__all__ = [
    "AE",
    "DIPVAE1",
    "DIPVAE2",
    "GVAE",
    "LIKELIHOODS",
    "MLVAE",
    "OBJECTIVES",
    "QLAE",
    "SCHEDULES",
    "TVAE",
    "VAE",
    "VQVAE",
    "AdaGVAE",
    "AdaMLVAE",
    "AdaTVAE",
    "Adversary",
    "AnnealedVAE",
    "Answer",
    "Bernoulli",
    "BetaTCVAE",
    "BetaVAE",
    "BioAE",
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
    "InfoVAE",
    "Laplace",
    "Likelihood",
    "Linear",
    "Number",
    "Objective",
    "OverlapTVAE",
    "Schedule",
    "Terms",
    "Views",
    "Weight",
    "Weights",
    "bernoulli",
    "discriminator_loss",
    "from_means",
    "gaussian_scale",
    "laplace_scale",
    "nats",
    "permute_codes",
    "ramp",
    "rate",
    "schedule_as_json",
    "schedule_from_json",
    "value_at",
]
