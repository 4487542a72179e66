"""The table of all scores."""

from toolkit.disentanglement.downstream import USE
from toolkit.disentanglement.geometry import GEOMETRY
from toolkit.disentanglement.information import INFORMATION
from toolkit.disentanglement.intervention import INTERVENTION
from toolkit.disentanglement.predictor import PREDICTOR
from toolkit.disentanglement.record import Score
from toolkit.disentanglement.unsupervised import UNSUPERVISED

SCORES: dict[str, Score] = {
    **PREDICTOR,
    **INFORMATION,
    **INTERVENTION,
    **GEOMETRY,
    **UNSUPERVISED,
    **USE,
}
