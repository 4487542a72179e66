"""What a study may aim at: numbers of a trial, and which way is good."""

from collections.abc import Iterable
from typing import Literal

from toolkit.disentanglement import SCORES
from toolkit.errors import nearest

Direction = Literal["minimise", "maximise"]

AIMS: dict[str, Direction] = {
    "distortion": "minimise",  # nats an image
    "agreement": "maximise",  # weighted mean of the best NMI
}
PREFIX = "scores/"


def aims(scores: Iterable[str]) -> dict[str, Direction]:
    """Everything a trial can be valued by when these scores are declared, with the good direction.

    Of a score that is its main value, the one whose good end the table of scores promises.

    >>> aims(["mig", "gaussian_total_correlation"])["scores/mig/mig"]
    'maximise'
    >>> "scores/active_units/active_units" in aims(["active_units"])
    False
    """
    known = dict(AIMS)
    for name in scores:
        score = SCORES[name]
        if score.good != "neither":
            direction: Direction = "maximise" if score.good == "high" else "minimise"
            known[f"{PREFIX}{name}/{score.main}"] = direction
    return known


def refusal(aim: str, scores: Iterable[str]) -> str | None:
    """Why a study with these scores cannot aim at something; None where it can.

    >>> refusal("scores/mig/mig", ["mig"])
    >>> refusal("scores/mig/mig", [])
    'the study does not declare the score mig. Add it to `scores`.'
    """
    scores = list(scores)
    known = aims(scores)
    if aim in known:
        return None
    name = aim.removeprefix(PREFIX).partition("/")[0]
    if not aim.startswith(PREFIX) or name not in SCORES:
        return f"no value of a trial has that name. {nearest(aim, aims(SCORES))}"
    if SCORES[name].good == "neither":
        return f"the score {name} has no good end, so nothing can aim at it. Choose another."
    if name in scores:
        main = f"{PREFIX}{name}/{SCORES[name].main}"
        return f"of {name} only the main value has a known good end. Write {main!r}."
    return f"the study does not declare the score {name}. Add it to `scores`."
