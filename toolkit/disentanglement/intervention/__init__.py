"""Scores that fix or move one factor and watch the channels."""

from toolkit.disentanglement.intervention.beta_vae import BetaVAESettings, beta_vae_score
from toolkit.disentanglement.intervention.factor_vae import (
    FactorVAESettings,
    factor_vae_score,
    z_max_variance,
)
from toolkit.disentanglement.intervention.irs import IRSSettings, irs
from toolkit.disentanglement.record import Score, Takes

INTERVENTION: dict[str, Score] = {
    "beta_vae_score": Score(
        compute=beta_vae_score,
        settings=BetaVAESettings,
        main="beta_vae",
        values=("beta_vae", "beta_vae_train"),
        takes=Takes.FACTORS | Takes.SAMPLER,
        measures="whether differences of pairs tell which factor they share (Z-diff)",
        source="Higgins et al. (2017)",
    ),
    "factor_vae_score": Score(
        compute=factor_vae_score,
        settings=FactorVAESettings,
        main="factor_vae",
        values=("factor_vae", "factor_vae_train", "active_channels", "threshold"),
        takes=Takes.FACTORS | Takes.SAMPLER,
        measures="whether the stillest channel tells the fixed factor (Z-min variance)",
        source="Kim & Mnih (2018)",
    ),
    "z_max_variance": Score(
        compute=z_max_variance,
        settings=FactorVAESettings,
        main="z_max_variance",
        values=("z_max_variance", "z_max_variance_train", "active_channels", "threshold"),
        takes=Takes.FACTORS | Takes.GRID | Takes.SAMPLER,
        measures="whether the liveliest channel tells the moving factor",
        source="Kim et al. (2019)",
    ),
    "irs": Score(
        compute=irs,
        settings=IRSSettings,
        main="irs",
        values=("irs", "active_channels"),
        measures="whether a channel stays put while its factor is fixed",
        source="Suter et al. (2019)",
    ),
}
