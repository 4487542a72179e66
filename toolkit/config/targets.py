"""Targets of a study: numbers of a trial, and which way is good."""

from collections.abc import Iterable
from typing import Literal

from toolkit.disentanglement import SCORES
from toolkit.errors import nearest

Direction = Literal["minimise", "maximise"]

TARGETS: dict[str, Direction] = {
    "distortion": "minimise",  # nats per image
    "corrected_agreement": "maximise",  # above that of random axes; 0 where there are no axes
    "agreement": "maximise",  # weighted mean of the best NMI; highest where channels die
}
DEFAULT_VALUES = ("distortion", "corrected_agreement")
PREFIX = "scores/"


def targets(scores: Iterable[str]) -> dict[str, Direction]:
    """Every target of a study that declares these scores, with the good direction.

    A score offers its main value, the one whose good end the table of scores promises.

    >>> targets(["mig", "gaussian_total_correlation"])["scores/mig/mig"]
    'maximise'
    >>> "scores/active_units/active_units" in targets(["active_units"])
    False
    """
    known = dict(TARGETS)
    for name in scores:
        score = SCORES[name]
        if score.good != "neither":
            direction: Direction = "maximise" if score.good == "high" else "minimise"
            known[f"{PREFIX}{name}/{score.main}"] = direction
    return known


def refusal(target: str, scores: Iterable[str]) -> str | None:
    """Why a study with these scores cannot have this target; None where it can.

    >>> refusal("scores/mig/mig", ["mig"])
    >>> refusal("scores/mig/mig", [])
    'the study does not declare the score mig. Add it to `scores`.'
    """
    scores = list(scores)
    known = targets(scores)
    if target in known:
        return None
    name = target.removeprefix(PREFIX).partition("/")[0]
    if not target.startswith(PREFIX) or name not in SCORES:
        return f"no value of a trial has that name. {nearest(target, targets(SCORES))}"
    if SCORES[name].good == "neither":
        return f"the score {name} has no good end, so it cannot be a target. Choose another."
    if name in scores:
        main = f"{PREFIX}{name}/{SCORES[name].main}"
        return f"of {name} only the main value has a known good end. Write {main!r}."
    return f"the study does not declare the score {name}. Add it to `scores`."
