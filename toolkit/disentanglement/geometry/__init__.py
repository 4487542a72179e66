"""Scores of the shape that factor traversals take in the codes."""

from toolkit.disentanglement.geometry.correlation import (
    PAIRS,
    TripletSettings,
    ground_truth_correlation,
)
from toolkit.disentanglement.geometry.flatness import flatness
from toolkit.disentanglement.geometry.linearity import linearity
from toolkit.disentanglement.geometry.traversals import TraversalSettings
from toolkit.disentanglement.record import Score, Takes

GRID = Takes.FACTORS | Takes.GRID | Takes.SAMPLER
MICHLO = "Michlo et al. (2022)"
LINEAR = ("linear_ratio", "axis_ratio", "axis_alignment", "axis_ratio_average")

GEOMETRY: dict[str, Score] = {
    "ground_truth_correlation": Score(
        compute=ground_truth_correlation,
        settings=TripletSettings,
        main="rank/ground_latent_l1/factor",
        values=tuple(
            f"{kind}/{pair}/{where}"
            for kind in ("rank", "linear", "same")
            for pair in PAIRS
            for where in ("factor", "geometric", "global")
        ),
        low=-1.0,
        takes=GRID,
        measures="rank correlation of distances between codes and between factor values",
        source=MICHLO,
    ),
    "linearity": Score(
        compute=linearity,
        settings=TraversalSettings,
        main="linear_ratio",
        values=(*LINEAR, *(f"{name}_geometric" for name in LINEAR)),
        takes=GRID,
        measures="whether a factor moves the codes along a line, and along one channel",
        source=MICHLO,
    ),
    "flatness": Score(
        compute=flatness,
        settings=TraversalSettings,
        main="flatness",
        values=(
            *("flatness", "flatness_l1", "flatness_l2"),
            *("width_l1", "width_l2", "length_l1", "length_l2"),
        ),
        takes=GRID,
        measures="width of a factor's path through the codes over its length",
        source=MICHLO,
    ),
}
