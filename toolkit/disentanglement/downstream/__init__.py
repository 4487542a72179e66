"""Scores of what the codes are good for."""

from toolkit.disentanglement.downstream.fairness import FairnessSettings, fairness
from toolkit.disentanglement.downstream.generalisation import (
    GeneralisationSettings,
    strong_generalisation,
)
from toolkit.disentanglement.downstream.prediction import (
    LABELS,
    DownstreamSettings,
    ReducedDownstreamSettings,
    downstream,
    reduced_downstream,
)
from toolkit.disentanglement.record import Score

USE: dict[str, Score] = {
    "downstream": Score(
        compute=downstream,
        settings=DownstreamSettings,
        main="downstream",
        values=(
            *("downstream", "efficiency"),
            *(f"{kind}/{count}" for kind in ("mean", "min") for count in LABELS),
        ),
        measures="accuracy of boosted trees at the largest number of labels",
        source="Locatello et al. (2019)",
    ),
    "reduced_downstream": Score(
        compute=reduced_downstream,
        settings=ReducedDownstreamSettings,
        main="reduced_downstream",
        values=("reduced_downstream", "own_lost", "others_lost", "accuracy"),
        low=-1.0,
        measures="accuracy lost on a factor alone when its best channel is removed",
        source="Locatello et al. (2019)",
    ),
    "strong_generalisation": Score(
        compute=strong_generalisation,
        settings=GeneralisationSettings,
        main="strong_generalisation_gap",
        values=("strong_generalisation_gap", "accuracy", "accuracy_shifted"),
        low=-float("inf"),
        good="low",
        measures="accuracy lost on values of another factor never seen in training",
        source="Locatello et al. (2020)",
    ),
    "fairness": Score(
        compute=fairness,
        settings=FairnessSettings,
        main="unfairness",
        values=("unfairness", "unfairness_worst"),
        good="low",
        measures="change of predictions with a factor that should not matter",
        source="Locatello et al. (2019b)",
    ),
}
