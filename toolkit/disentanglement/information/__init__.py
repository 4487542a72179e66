"""Scores made of mutual information between channels and factors."""

from toolkit.disentanglement.information.channel_nmi import channel_nmi
from toolkit.disentanglement.information.infomec import (
    NORMALISED,
    InfoMECSettings,
    infoc,
    infom,
)
from toolkit.disentanglement.information.mig import MIGSupSettings, jemmig, mig, mig_sup
from toolkit.disentanglement.information.modularity import modularity
from toolkit.disentanglement.information.pairwise import pairwise_information
from toolkit.disentanglement.information.posterior_entropy import (
    ENTROPIES,
    axis_alignment_metric,
    mig_entropy,
)
from toolkit.disentanglement.information.table import COUNTS, Binning
from toolkit.disentanglement.record import Score, Takes

DISCRETE = Takes.FACTORS | Takes.INTEGER_CODES
POSTERIORS = Takes.FACTORS | Takes.POSTERIORS

INFORMATION: dict[str, Score] = {
    "mig": Score(
        compute=mig,
        settings=Binning,
        main="mig",
        values=("mig",),
        takes=DISCRETE,
        table=COUNTS,
        measures="gap between the two most informative channels of a factor",
        source="Chen et al. (2018)",
    ),
    "mig_entropy": Score(
        compute=mig_entropy,
        main="mig_entropy",
        values=("mig_entropy",),
        takes=POSTERIORS,
        table=ENTROPIES,
        measures="the same from entropies of sampled posteriors",
        source="Chen et al. (2018)",
    ),
    "axis_alignment": Score(
        compute=axis_alignment_metric,
        main="axis_alignment",
        values=("axis_alignment",),
        takes=POSTERIORS,
        table=ENTROPIES,
        measures="information left to a factor's best channel after all others",
        source="Dubois et al. (2019)",
    ),
    "mig_sup": Score(
        compute=mig_sup,
        settings=MIGSupSettings,
        main="mig_sup",
        values=("mig_sup", "mig_sup_all", "meaningful_channels"),
        takes=DISCRETE,
        table=COUNTS,
        measures="gap between the two factors a channel tells most of",
        source="Li et al. (2020)",
    ),
    "jemmig": Score(
        compute=jemmig,
        settings=Binning,
        main="jemmig_normalised",
        values=("jemmig_nats", "jemmig_normalised"),
        takes=DISCRETE,
        table=COUNTS,
        measures="gap less the joint entropy of factor and best channel",
        source="Do & Tran (2020)",
    ),
    "modularity": Score(
        compute=modularity,
        settings=Binning,
        main="modularity",
        values=("modularity", "modularity_informative"),
        takes=DISCRETE,
        table=COUNTS,
        measures="whether a channel tells of one factor only",
        source="Ridgeway & Mozer (2018)",
    ),
    "infom": Score(
        compute=infom,
        settings=InfoMECSettings,
        main="infom",
        values=("infom", "infom_gap", "active_channels"),
        takes=DISCRETE,
        table=NORMALISED,
        measures="share of its first factor in what a channel tells",
        source="Hsu et al. (2023)",
    ),
    "infoc": Score(
        compute=infoc,
        settings=InfoMECSettings,
        main="infoc",
        values=("infoc", "infoc_gap", "infoc_gap_active", "active_channels"),
        takes=DISCRETE,
        table=NORMALISED,
        measures="share of its first channel in what is told of a factor",
        source="Hsu et al. (2023)",
    ),
    "pairwise_information": Score(
        compute=pairwise_information,
        settings=Binning,
        main="pairwise_information_nats",
        values=("pairwise_information_nats",),
        high=float("inf"),
        good="low",
        unit="nats",
        takes=Takes.INTEGER_CODES,
        measures="mean mutual information of two channels",
        source="Locatello et al. (2019)",
    ),
    "channel_nmi": Score(
        compute=channel_nmi,
        main="channel_nmi",
        values=("channel_nmi", "channel_nmi_gap"),
        low=-float("inf"),
        high=float("inf"),
        takes=Takes.FACTORS | Takes.NMI,
        measures="NMI of posteriors between a factor and its best channel",
        source="Murphy et al. (2025)",
    ),
}
