"""Scores that need no factors."""

from toolkit.disentanglement.record import Score, Takes
from toolkit.disentanglement.unsupervised.channels_in_use import (
    ActiveUnitsSettings,
    active_units,
    channel_bits,
)
from toolkit.disentanglement.unsupervised.gaussian import (
    gaussian_total_correlation,
    wasserstein_correlation,
)
from toolkit.disentanglement.unsupervised.udr import (
    LassoRankingSettings,
    RankingSettings,
    udr_lasso,
    udr_nmi,
    udr_spearman,
)

INFINITE = float("inf")
UDR_VALUES = ("udr", "udr_paper")

UNSUPERVISED: dict[str, Score] = {
    "udr_lasso": Score(
        compute=udr_lasso,
        settings=LassoRankingSettings,
        main="udr",
        values=UDR_VALUES,
        takes=Takes.MEMBERS,
        measures="whether other seeds find the same channels, by a lasso",
        source="Duan et al. (2020)",
    ),
    "udr_spearman": Score(
        compute=udr_spearman,
        settings=RankingSettings,
        main="udr",
        values=UDR_VALUES,
        takes=Takes.MEMBERS,
        measures="the same by rank correlation",
        source="Duan et al. (2020)",
    ),
    "udr_nmi": Score(
        compute=udr_nmi,
        settings=RankingSettings,
        main="udr",
        values=UDR_VALUES,
        high=INFINITE,
        takes=Takes.MEMBERS | Takes.NMI,
        measures="the same by NMI of posteriors",
        source="Duan et al. (2020), Murphy et al. (2025)",
    ),
    "gaussian_total_correlation": Score(
        compute=gaussian_total_correlation,
        main="gaussian_total_correlation_nats",
        values=("gaussian_total_correlation_nats",),
        high=INFINITE,
        good="low",
        unit="nats",
        takes=Takes.NOTHING,
        measures="dependence of channels, as if Gaussian",
        source="Locatello et al. (2019)",
    ),
    "wasserstein_correlation": Score(
        compute=wasserstein_correlation,
        main="wasserstein_correlation_normalised",
        values=("wasserstein_correlation", "wasserstein_correlation_normalised"),
        high=2.0,
        good="low",
        takes=Takes.NOTHING,
        measures="distance of the codes from independent ones, as if Gaussian",
        source="Locatello et al. (2019)",
    ),
    "active_units": Score(
        compute=active_units,
        settings=ActiveUnitsSettings,
        main="active_units",
        values=("active_units", "active_share"),
        high=INFINITE,
        good="neither",
        unit="channels",
        takes=Takes.NOTHING,
        measures="channels whose means vary over the images",
        source="Burda et al. (2016)",
    ),
    "channel_bits": Score(
        compute=channel_bits,
        main="rate_bits",
        values=("rate_bits", "rate_bits_largest", "information_bits"),
        high=INFINITE,
        good="neither",
        unit="bits",
        takes=Takes.POSTERIORS | Takes.INFORMATION,
        measures="bits spent on the channels",
        source="Higgins et al. (2017), Murphy et al. (2025)",
    ),
}
