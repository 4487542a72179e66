"""The table of all scores."""

from toolkit.disentanglement.downstream import USE
from toolkit.disentanglement.geometry import GEOMETRY
from toolkit.disentanglement.information import INFORMATION
from toolkit.disentanglement.intervention import INTERVENTION
from toolkit.disentanglement.predictor import PREDICTOR
from toolkit.disentanglement.record import Score
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.disentanglement.unsupervised import UNSUPERVISED
from toolkit.errors import UnknownNameError

SCORES: dict[str, Score] = {
    **PREDICTOR,
    **INFORMATION,
    **INTERVENTION,
    **GEOMETRY,
    **UNSUPERVISED,
    **USE,
}


def score_settings(name: str, **options: object) -> ScoreSettings:
    """The settings of a score from single options; those left out have their defaults.

    >>> score_settings("mig", bins=10)
    Binning(bins=10)

    Raises:
        UnknownNameError: no score, or no option of it, has this name.
        ToolkitError: a value is outside its limits.
    """
    if name not in SCORES:
        raise UnknownNameError("score", name, SCORES)
    kind = SCORES[name].settings
    for option in options:
        if option not in kind.options():
            raise UnknownNameError(f"option of the score {name}", option, kind.options())
    return kind.from_json(options)
